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
  ACCOUNT_DELETED("account-deleted"),
  /// A CLIENT-KEY counter that had signed in before came again: a clone (rule 56).
  COUNTER_MISMATCH("counter-mismatch"),
  /// CLIENT-KEY counters that were passed over came again and again: a clone may have skipped them.
  COUNTER_OVERTAKEN("counter-overtaken"),
  /// A client key came back with a backup, its counter too old (rule 40).
  COUNTER_RESTORED("counter-restored"),
  /// A client key was used wrongly so often that it rests for a while (rule 56).
  KEY_PAUSED("key-paused"),
  /// A FAST token that a newer one has superseded was used again.
  SUPERSEDED_USED("superseded-used"),
  /// One token was used from two places at once (rule 49).
  TWO_PLACES("two-places"),
  /// A device may not sign in until that is lifted.
  SUSPENDED("suspended");

  private final String word;

  EventKind(String word) {
    this.word = word;
  }

  /// The word on the wire, in JSON and in the database.
  public String word() {
    return word;
  }
}
