// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.credential;

/// What a refused or a second use of a credential says of it.
public enum Suspicion {
  /// A CLIENT-KEY counter that had signed in before came again: there is a clone (rule 56).
  COUNTER_REUSED("counter-mismatch"),
  /// A CLIENT-KEY counter that was passed over came after all: late, or from somebody whom a clone
  /// has overtaken.
  COUNTER_LATE("counter-late"),
  /// A CLIENT-KEY proof with the right ValidationKey and no counter that fits: a relay, or garbage.
  COUNTER_UNKNOWN("counter-unknown"),
  /// A FAST token that a newer one has superseded was used again.
  SUPERSEDED_USED("superseded-used"),
  /// One token was used from two places at once (rule 49).
  TWO_PLACES("two-places");

  private final String word;

  Suspicion(String word) {
    this.word = word;
  }

  /// The word in the log and in the account's history.
  public String word() {
    return word;
  }
}
