// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import dev.latchkey.chat.history.KeptId;
import dev.latchkey.credential.Bytes;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/// Writes records that one column holds together; [RecordInput] reads them. Numbers are big-endian;
/// before octets their number stands in four. Not thread-safe.
final class RecordOutput {
  private final ByteArrayOutputStream written = new ByteArrayOutputStream();
  private final DataOutputStream out = new DataOutputStream(written);

  private interface Writing {
    void run() throws IOException;
  }

  private RecordOutput written(Writing writing) {
    try {
      writing.run();
    } catch (IOException impossible) {
      throw new UncheckedIOException("memory does not fail so", impossible);
    }
    return this;
  }

  /// @param value 0 to 255
  RecordOutput small(int value) {
    if (value < 0 || value > 255) {
      throw new IllegalArgumentException("no octet holds " + value);
    }
    return written(() -> out.writeByte(value));
  }

  RecordOutput number(long value) {
    return written(() -> out.writeLong(value));
  }

  RecordOutput id(KeptId id) {
    return written(
        () -> {
          out.writeLong(id.micros());
          out.writeInt(id.tag());
        });
  }

  RecordOutput octets(Bytes octets) {
    return written(
        () -> {
          out.writeInt(octets.length());
          out.write(octets.toArray());
        });
  }

  RecordOutput text(String text) {
    return octets(Bytes.utf8(text));
  }

  int length() {
    return written.size();
  }

  Bytes toBytes() {
    return Bytes.of(written.toByteArray());
  }

  /// Forgets all of it.
  void clear() {
    written.reset();
  }
}
