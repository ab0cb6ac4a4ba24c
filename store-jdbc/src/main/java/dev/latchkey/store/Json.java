// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import java.util.Collection;
import java.util.stream.Collectors;

/// Lists of texts as JSON (RFC 8259), which is how one statement takes any number of them.
final class Json {
  private Json() {}

  static String list(Collection<String> texts) {
    return texts.stream().map(Json::text).collect(Collectors.joining(",", "[", "]"));
  }

  private static String text(String text) {
    StringBuilder json = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        json.append('\\').append(c);
      } else if (c < ' ') {
        json.append("\\u%04x".formatted((int) c));
      } else {
        json.append(c);
      }
    }
    return json.append('"').toString();
  }
}
