// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

/// Why something was not done.
public enum Refusal {
  /// The asking device lacks the permission, or is no longer live.
  FORBIDDEN("forbidden"),
  NOT_FOUND("not-found"),
  /// Something else stands in the way: a locked resource, a disabled account.
  CONFLICT("conflict"),
  /// The account has as many of these as it may (rule 15).
  RESOURCE_CONSTRAINT("resource-constraint"),
  /// It would leave the account without any device; the operator can insist.
  WOULD_LOCK_OUT("would-lock-out"),
  /// The name is no name for a device (rule 26).
  BAD_NAME("bad-name"),
  /// The life is not above zero, or longer than the policy allows.
  BAD_LIFE("bad-life"),
  /// The request contradicts itself.
  BAD_REQUEST("bad-request"),
  /// Switched off by configuration.
  SWITCHED_OFF("switched-off");

  private final String word;

  Refusal(String word) {
    this.word = word;
  }

  /// The word in the log and in the operator's error line.
  public String word() {
    return word;
  }
}
