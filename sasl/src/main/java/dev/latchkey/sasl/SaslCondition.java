// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl;

import java.util.Arrays;
import java.util.Optional;

/// What a peer hears of a failure (RFC 6120 §6.5).
public enum SaslCondition {
  ABORTED("aborted"),
  ACCOUNT_DISABLED("account-disabled"),
  CREDENTIALS_EXPIRED("credentials-expired"),
  ENCRYPTION_REQUIRED("encryption-required"),
  INCORRECT_ENCODING("incorrect-encoding"),
  INVALID_AUTHZID("invalid-authzid"),
  INVALID_MECHANISM("invalid-mechanism"),
  MALFORMED_REQUEST("malformed-request"),
  MECHANISM_TOO_WEAK("mechanism-too-weak"),
  NOT_AUTHORIZED("not-authorized"),
  TEMPORARY_AUTH_FAILURE("temporary-auth-failure");

  private final String word;

  SaslCondition(String word) {
    this.word = word;
  }

  /// The element's name.
  public String word() {
    return word;
  }

  /// The condition with this name.
  public static Optional<SaslCondition> of(String word) {
    return Arrays.stream(values()).filter(condition -> condition.word.equals(word)).findAny();
  }
}
