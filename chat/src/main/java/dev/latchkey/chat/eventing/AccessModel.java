// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.eventing;

import java.util.Arrays;
import java.util.Optional;

/// Who may read a node and be told of what happens there (XEP-0060 §4.5); its owner always may.
///
/// `authorize` is not offered: nobody would answer the requests.
public enum AccessModel {
  /// Anybody.
  OPEN("open"),
  /// Who is subscribed to the owner's presence.
  PRESENCE("presence"),
  /// Who is subscribed to the owner's presence and in one of the node's roster groups.
  ROSTER("roster"),
  /// Whom the owner made a member.
  WHITELIST("whitelist");

  private final String word;

  AccessModel(String word) {
    this.word = word;
  }

  /// As it stands in forms and in stores.
  public String word() {
    return word;
  }

  /// The one with this word.
  public static Optional<AccessModel> of(String word) {
    return Arrays.stream(values()).filter(model -> model.word.equals(word)).findAny();
  }
}
