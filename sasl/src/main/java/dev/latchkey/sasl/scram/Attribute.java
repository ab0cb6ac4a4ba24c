// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.scram;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// One attr-val (RFC 5802 §7).
///
/// @param name one letter
/// @param value at least one character, no comma, no NUL
record Attribute(char name, String value) {
  /// RFC 5802 §5.1: names with a meaning of their own, which no extension may take. The reserved
  /// "m" is among them: its presence fails the exchange.
  private static final String ASSIGNED = "anmrcsipve";

  /// Reads a list of them.
  ///
  /// @return nothing if one of them is no attr-val, or a name stands twice
  static Optional<List<Attribute>> list(String text) {
    List<Attribute> list = new ArrayList<>();
    Set<Character> seen = new HashSet<>();
    for (String part : text.split(",", -1)) {
      if (part.length() < 3
          || !isLetter(part.charAt(0))
          || part.charAt(1) != '='
          || part.indexOf('\0') >= 0
          || !seen.add(part.charAt(0))) {
        return Optional.empty();
      }
      list.add(new Attribute(part.charAt(0), part.substring(2)));
    }
    return Optional.of(list);
  }

  /// Whether the list is made of these names in this order, and after them only extensions.
  static boolean begins(List<Attribute> list, String names) {
    if (list.size() < names.length()) {
      return false;
    }
    for (int i = 0; i < list.size(); i++) {
      char name = list.get(i).name;
      boolean fits = i < names.length() ? name == names.charAt(i) : ASSIGNED.indexOf(name) < 0;
      if (!fits) {
        return false;
      }
    }
    return true;
  }

  /// Whether the value is a nonce: printable ASCII (the comma is excluded already).
  boolean isPrintable() {
    return value.chars().allMatch(c -> c >= 0x21 && c <= 0x7e);
  }

  private static boolean isLetter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }
}
