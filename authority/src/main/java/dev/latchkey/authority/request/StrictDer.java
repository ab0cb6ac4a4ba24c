// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.authority.request;

import dev.latchkey.credential.Bytes;

/// A look at the skeleton of DER (X.690 §10.1) before a parser builds objects from it: one value
/// and nothing behind it, shortest definite lengths, tags of one octet, no deep nesting.
///
/// The parser would accept indefinite lengths, and recurses as deep as a stranger likes.
final class StrictDer {
  /// A request is about ten deep.
  private static final int DEEPEST = 24;

  private static final int CONSTRUCTED = 0x20;
  private static final int LONG_TAG = 0x1f;

  private final byte[] octets;

  private StrictDer(byte[] octets) {
    this.octets = octets;
  }

  /// Whether the octets are exactly one value with a sound skeleton.
  static boolean holds(Bytes der) {
    byte[] octets = der.toArray();
    return octets.length > 0
        && new StrictDer(octets).endOfValue(0, octets.length, 0) == octets.length;
  }

  /// The offset behind the value that begins here, or -1 if it is not sound.
  private int endOfValue(int start, int limit, int depth) {
    if (depth > DEEPEST || limit - start < 2) {
      return -1;
    }
    int tag = octets[start] & 0xff;
    if ((tag & LONG_TAG) == LONG_TAG || tag == 0) {
      return -1;
    }
    int length = octets[start + 1] & 0xff;
    int content = start + 2;
    if (length >= 0x80) {
      int lengthOctets = length & 0x7f;
      // 0x80 is the indefinite form; two octets are enough for what a request may hold.
      if (lengthOctets < 1 || lengthOctets > 2 || limit - content < lengthOctets) {
        return -1;
      }
      length = 0;
      for (int i = 0; i < lengthOctets; i++) {
        length = (length << 8) | (octets[content + i] & 0xff);
      }
      content += lengthOctets;
      if (length < (lengthOctets == 1 ? 0x80 : 0x100)) {
        return -1;
      }
    }
    if (length > limit - content) {
      return -1;
    }
    int end = content + length;
    return (tag & CONSTRUCTED) == 0 || areValues(content, end, depth + 1) ? end : -1;
  }

  private boolean areValues(int start, int end, int depth) {
    int at = start;
    while (at < end) {
      at = endOfValue(at, end, depth);
      if (at < 0) {
        return false;
      }
    }
    return true;
  }
}
