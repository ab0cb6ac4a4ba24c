// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.stanza;

import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/// The types of messages (RFC 6121 §5.2.2).
public enum MessageType {
  CHAT("chat"),
  ERROR("error"),
  GROUPCHAT("groupchat"),
  HEADLINE("headline"),
  NORMAL("normal");

  private static final Map<String, MessageType> WORDS =
      Arrays.stream(values())
          .collect(Collectors.toUnmodifiableMap(type -> type.word, Function.identity()));

  private final String word;

  MessageType(String word) {
    this.word = word;
  }

  /// The type with this name; one that is unknown or not given is `normal`, as the RFC wants.
  public static MessageType of(String word) {
    return WORDS.getOrDefault(word, NORMAL);
  }
}
