// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

/// Text that somebody else wrote, made fit for a line on a terminal.
final class Foreign {
  private static final int LONGEST = 600;

  private Foreign() {}

  /// One line, no control characters and none that format (they could steer a terminal), not too
  /// long.
  static String line(String text) {
    String plain = text.replaceAll("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}\\s]+", " ").strip();
    return plain.length() <= LONGEST ? plain : plain.substring(0, LONGEST) + "…";
  }
}
