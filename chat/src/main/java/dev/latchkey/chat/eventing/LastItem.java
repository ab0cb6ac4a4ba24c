// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.eventing;

import java.util.Arrays;
import java.util.Optional;

/// When the last item of a node is sent to somebody who did not see it come
/// (`pubsub#send_last_published_item`).
public enum LastItem {
  /// Never.
  NEVER("never"),
  /// When somebody subscribes.
  ON_SUBSCRIPTION("on_sub"),
  /// When somebody subscribes, and when one of their resources becomes available.
  ON_SUBSCRIPTION_AND_PRESENCE("on_sub_and_presence");

  private final String word;

  LastItem(String word) {
    this.word = word;
  }

  /// As it stands in forms and in stores.
  public String word() {
    return word;
  }

  /// The one with this word.
  public static Optional<LastItem> of(String word) {
    return Arrays.stream(values()).filter(when -> when.word.equals(word)).findAny();
  }
}
