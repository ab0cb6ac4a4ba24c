// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

/// Whom a code or a request is for (rule 31).
public enum Purpose {
  /// A device of the person: gets enroll and manage, as far as who lets it in has them.
  OWN("own"),
  /// A machine: gets no flags.
  BOT("bot"),
  /// The asking device itself: one more credential for it (rule 57).
  THIS("this");

  private final String word;

  Purpose(String word) {
    this.word = word;
  }

  /// The value of the attribute `for`.
  public String word() {
    return word;
  }
}
