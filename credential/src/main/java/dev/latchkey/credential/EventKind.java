// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.credential;

/// What happened to an account (30.G). Pinned: these words are read by other programs.
public enum EventKind {
  ACCOUNT_CREATED("account-created"),
  TOKEN_ISSUED("token-issued"),
  TOKEN_DEAD("token-dead"),
  ADDED("added"),
  FIRST_USED("first-used"),
  REVOKED("revoked"),
  PASSWORD_ISSUED("password-issued"),
  ACCOUNT_DISABLED("account-disabled"),
  ACCOUNT_ENABLED("account-enabled"),
  ACCOUNT_DELETED("account-deleted");

  private final String word;

  EventKind(String word) {
    this.word = word;
  }

  /// The word on the wire, in JSON and in the database.
  public String word() {
    return word;
  }
}
