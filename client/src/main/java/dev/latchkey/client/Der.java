// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import dev.latchkey.credential.Bytes;
import java.io.ByteArrayOutputStream;

/// The little of DER (X.690) that a certificate request needs; with it the kit does without a
/// library of several megabytes.
final class Der {
  private static final int INTEGER = 0x02;
  private static final int BIT_STRING = 0x03;
  private static final int OCTET_STRING = 0x04;
  private static final int OBJECT_IDENTIFIER = 0x06;
  private static final int UTF8_STRING = 0x0c;
  private static final int SEQUENCE = 0x30;
  private static final int SET = 0x31;
  private static final int CONTEXT = 0xa0;

  private Der() {}

  static Bytes sequence(Bytes... parts) {
    return field(SEQUENCE, Bytes.concat(parts));
  }

  static Bytes set(Bytes only) {
    return field(SET, only);
  }

  /// A constructed field with a context tag.
  static Bytes context(int number, Bytes content) {
    return field(CONTEXT + number, content);
  }

  /// A number from 0 to 127.
  static Bytes integer(int number) {
    return field(INTEGER, Bytes.of((byte) number));
  }

  static Bytes octetString(Bytes octets) {
    return field(OCTET_STRING, octets);
  }

  static Bytes bitString(Bytes octets) {
    return field(BIT_STRING, Bytes.concat(Bytes.of((byte) 0), octets));
  }

  static Bytes utf8String(String text) {
    return field(UTF8_STRING, Bytes.utf8(text));
  }

  static Bytes objectIdentifier(int first, int second, int... rest) {
    ByteArrayOutputStream arcs = new ByteArrayOutputStream();
    arcs.write(40 * first + second);
    for (int arc : rest) {
      for (int shift = 28; shift > 0; shift -= 7) {
        if (arc >> shift > 0) {
          arcs.write(0x80 | (arc >> shift & 0x7f));
        }
      }
      arcs.write(arc & 0x7f);
    }
    return field(OBJECT_IDENTIFIER, Bytes.of(arcs.toByteArray()));
  }

  private static Bytes field(int tag, Bytes content) {
    int length = content.length();
    Bytes head;
    if (length < 0x80) {
      head = Bytes.of((byte) tag, (byte) length);
    } else if (length < 0x100) {
      head = Bytes.of((byte) tag, (byte) 0x81, (byte) length);
    } else {
      head = Bytes.of((byte) tag, (byte) 0x82, (byte) (length >> 8), (byte) length);
    }
    return Bytes.concat(head, content);
  }
}
