// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import dev.latchkey.chat.history.KeptId;
import dev.latchkey.credential.Bytes;
import java.nio.ByteBuffer;

/// Writes records that one column holds together; [RecordInput] reads them. Numbers are big-endian;
/// before octets their number stands in four. Not thread-safe.
final class RecordOutput {
  private static final int USUAL = 512;

  /// A buffer that has grown larger is not kept.
  private static final int MOST_KEPT = 1 << 16;

  private ByteBuffer written = ByteBuffer.allocate(USUAL);

  private ByteBuffer withRoom(int more) {
    if (written.remaining() < more) {
      int length = Math.max(written.capacity() * 2, written.position() + more);
      written = ByteBuffer.allocate(length).put(written.flip());
    }
    return written;
  }

  /// @param value 0 to 255
  RecordOutput small(int value) {
    if (value < 0 || value > 255) {
      throw new IllegalArgumentException("no octet holds " + value);
    }
    withRoom(Byte.BYTES).put((byte) value);
    return this;
  }

  RecordOutput number(long value) {
    withRoom(Long.BYTES).putLong(value);
    return this;
  }

  RecordOutput id(KeptId id) {
    withRoom(Long.BYTES + Integer.BYTES).putLong(id.micros()).putInt(id.tag());
    return this;
  }

  RecordOutput octets(Bytes octets) {
    octets.writeTo(withRoom(Integer.BYTES + octets.length()).putInt(octets.length()));
    return this;
  }

  RecordOutput text(String text) {
    return octets(Bytes.utf8(text));
  }

  int length() {
    return written.position();
  }

  Bytes toBytes() {
    return Bytes.of(written.array(), 0, written.position());
  }

  /// Forgets all of it.
  void clear() {
    written = written.capacity() > MOST_KEPT ? ByteBuffer.allocate(USUAL) : written.clear();
  }
}
