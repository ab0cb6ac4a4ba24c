// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl;

/// Why a sign-in failed, in the operator's log and as the metric's tag: a closed set, each
/// explained in `docs/errors.md`. Never told to the peer.
public enum FailureReason {
  MALFORMED_MESSAGE("malformed-message"),
  WRONG_BASE64("wrong-base64"),
  UNKNOWN_MECHANISM("unknown-mechanism"),
  ABORTED_BY_CLIENT("aborted-by-client"),
  /// Unknown account and wrong secret alike: telling them apart would need work that tells them
  /// apart.
  NO_MATCH("no-match"),
  NONCE_CHANGED("nonce-changed"),
  WRONG_CHANNEL_BINDING("wrong-channel-binding"),
  CHANNEL_BINDING_NOT_OFFERED("channel-binding-not-offered"),
  DOWNGRADE("downgrade"),
  OTHER_AUTHZID("other-authzid"),
  OTHER_FROM("other-from"),
  /// Its own, so that the client can be told what it left out (rule 63).
  NO_STREAM_FROM("no-stream-from"),
  /// Likewise.
  NO_USER_AGENT("no-user-agent"),
  NO_CERTIFICATE("no-certificate"),
  UNKNOWN_CERTIFICATE("unknown-certificate"),
  CERTIFICATE_EXPIRED("certificate-expired"),
  CERTIFICATE_NAMES_ANOTHER("certificate-names-another"),
  CERTIFICATE_AMBIGUOUS("certificate-ambiguous"),
  CREDENTIAL_REVOKED("credential-revoked"),
  CREDENTIAL_NOT_LIVE("credential-not-live"),
  CREDENTIAL_EXPIRED("credential-expired"),
  DEVICE_NOT_ACTIVE("device-not-active"),
  ACCOUNT_NOT_ACTIVE("account-not-active"),
  /// Had signed in before: there is a clone (rule 56).
  COUNTER_REUSED("counter-reused"),
  /// Was never used, and a higher one was: came late.
  COUNTER_SKIPPED("counter-skipped"),
  COUNTER_UNKNOWN("counter-unknown"),
  KEY_PAUSED("key-paused"),
  /// It was made for another offer than the one that stands (XEP-0509).
  OTHER_CONFIG("other-config"),
  ENROLMENT_REQUIRED("enrolment-required"),
  ENROLMENT_REFUSED("enrolment-refused"),
  REVOKED_DURING_LOGIN("revoked-during-login");

  private final String word;

  FailureReason(String word) {
    this.word = word;
  }

  /// The word in the log and in the metric.
  public String word() {
    return word;
  }
}
