// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import dev.latchkey.chat.history.KeptId;
import dev.latchkey.credential.Bytes;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/// Reads what [RecordOutput] has written. Somebody may have changed the file since: whatever is not
/// there, or is none, throws an [IllegalArgumentException]. Not thread-safe.
final class RecordInput {
  private final ByteBuffer left;

  RecordInput(Bytes records) {
    left = ByteBuffer.wrap(records.toArray());
  }

  private interface Reading<T> {
    T run();
  }

  private static <T> T read(Reading<T> reading) {
    try {
      return reading.run();
    } catch (BufferUnderflowException cut) {
      throw new IllegalArgumentException("a record is cut off", cut);
    }
  }

  boolean isAtEnd() {
    return !left.hasRemaining();
  }

  int small() {
    return read(() -> Byte.toUnsignedInt(left.get()));
  }

  long number() {
    return read(left::getLong);
  }

  KeptId id() {
    return read(() -> new KeptId(left.getLong(), left.getInt()));
  }

  Bytes octets() {
    return read(
        () -> {
          int length = left.getInt();
          if (length < 0 || length > left.remaining()) {
            throw new IllegalArgumentException("a record is cut off");
          }
          byte[] octets = new byte[length];
          left.get(octets);
          return Bytes.of(octets);
        });
  }

  String text() {
    return octets()
        .toUtf8()
        .orElseThrow(() -> new IllegalArgumentException("a record's text is not UTF-8"));
  }
}
