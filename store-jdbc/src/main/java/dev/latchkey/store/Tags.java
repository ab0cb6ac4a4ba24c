// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import dev.latchkey.chat.history.KeptId;
import java.nio.ByteBuffer;
import java.util.random.RandomGenerator;

/// What nobody may guess of [ids][KeptId]. Drawn many at a time: a secure generator takes as long
/// for four octets as for hundreds. Not thread-safe.
final class Tags {
  private static final int MANY = 256;

  private final RandomGenerator random;
  private final ByteBuffer drawn = ByteBuffer.allocate(MANY * Integer.BYTES).limit(0);

  Tags(RandomGenerator random) {
    this.random = random;
  }

  int next() {
    if (!drawn.hasRemaining()) {
      random.nextBytes(drawn.clear().array());
    }
    return drawn.getInt();
  }
}
