// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.wire.framing;

/// Strict UTF-8 (RFC 3629), octet by octet, and only characters that XML 1.0 §2.2 has.
///
/// SECURITY: the XML parser behind this accepts overlong forms, and reads some of them as markup.
final class Utf8Decoder {
  /// More octets belong to this character.
  static final int UNFINISHED = -1;

  private int missing;
  private int character;
  // What the next octet may be: narrower than 80..BF after E0, ED, F0 and F4, which keeps out
  // overlong forms, surrogates and what lies beyond U+10FFFF (RFC 3629 §4).
  private int lowest;
  private int highest;

  /// Takes an octet.
  ///
  /// @return the character that it completes, or [#UNFINISHED]
  int accept(int octet) throws Refusal {
    if (missing > 0) {
      if (octet < lowest || octet > highest) {
        throw invalid();
      }
      lowest = 0x80;
      highest = 0xBF;
      character = character << 6 | (octet & 0x3F);
      return --missing > 0 ? UNFINISHED : xml(character);
    }
    if (octet < 0x80) {
      return xml(octet);
    }
    lowest = 0x80;
    highest = 0xBF;
    if (octet >= 0xC2 && octet <= 0xDF) {
      missing = 1;
      character = octet & 0x1F;
    } else if ((octet & 0xF0) == 0xE0) {
      missing = 2;
      character = octet & 0x0F;
      if (octet == 0xE0) {
        lowest = 0xA0;
      } else if (octet == 0xED) {
        highest = 0x9F;
      }
    } else if (octet >= 0xF0 && octet <= 0xF4) {
      missing = 3;
      character = octet & 0x07;
      if (octet == 0xF0) {
        lowest = 0x90;
      } else if (octet == 0xF4) {
        highest = 0x8F;
      }
    } else {
      throw invalid();
    }
    return UNFINISHED;
  }

  /// XML 1.0 §2.2: which characters there are.
  static boolean isXml(int character) {
    return character >= 0x20
        ? character <= 0xD7FF
            || (character >= 0xE000 && character <= 0xFFFD)
            || (character >= 0x10000 && character <= 0x10FFFF)
        : character == '\t' || character == '\n' || character == '\r';
  }

  private static int xml(int character) throws Refusal {
    if (!isXml(character)) {
      throw Refusal.notWellFormed("a character that XML 1.0 does not have");
    }
    return character;
  }

  private static Refusal invalid() {
    // RFC 6120 §4.9.3.22 names it for octets that break the rules of UTF-8.
    return Refusal.unsupportedEncoding("octets that are not UTF-8");
  }
}
