// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.eventing;

import java.util.Arrays;
import java.util.Optional;

/// What the owner made of somebody at a node (XEP-0060 §4.1). The owner is always and only the
/// account itself, which publishes alone.
public enum Affiliation {
  /// Is on the whitelist.
  MEMBER("member"),
  /// Is kept out, whatever the access model.
  OUTCAST("outcast");

  private final String word;

  Affiliation(String word) {
    this.word = word;
  }

  /// As it stands in requests and in stores.
  public String word() {
    return word;
  }

  /// The one with this word.
  public static Optional<Affiliation> of(String word) {
    return Arrays.stream(values()).filter(one -> one.word.equals(word)).findAny();
  }
}
