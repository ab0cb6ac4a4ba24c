// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.credential;

/// What an account may do.
public enum AccountStatus {
  /// Invited; unknown to everybody until its first code is redeemed.
  RESERVED("reserved"),
  ACTIVE("active"),
  DISABLED("disabled"),
  /// Final: the row stays, so that its id is never given again.
  DELETED("deleted");

  private final String word;

  AccountStatus(String word) {
    this.word = word;
  }

  /// The word on the wire, in JSON and in the database.
  public String word() {
    return word;
  }
}
