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
  NO_CERTIFICATE("no-certificate"),
  UNKNOWN_CERTIFICATE("unknown-certificate"),
  CERTIFICATE_EXPIRED("certificate-expired"),
  CERTIFICATE_NAMES_ANOTHER("certificate-names-another"),
  CERTIFICATE_AMBIGUOUS("certificate-ambiguous"),
  CREDENTIAL_REVOKED("credential-revoked"),
  CREDENTIAL_NOT_LIVE("credential-not-live"),
  DEVICE_NOT_ACTIVE("device-not-active"),
  ACCOUNT_NOT_ACTIVE("account-not-active"),
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
