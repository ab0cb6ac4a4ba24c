// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.wire.tls;

import java.nio.ByteBuffer;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.conscrypt.AllocatedBuffer;
import org.conscrypt.BufferAllocator;

/// The buffers through which Conscrypt hands octets to its native part. Left alone, each engine
/// keeps one of a whole record (16 KiB) for as long as it lives; it needs it only within a call, so
/// a few are enough for all connections. Thread-safe.
final class SharedBuffers extends BufferAllocator {
  static final SharedBuffers OF_THIS_PROCESS = new SharedBuffers();

  /// A record of TLS (RFC 8446 §5.2), its header and its padding.
  private static final int SIZE = 17 * 1024;

  /// So many are kept; more are made and dropped when more threads need one at a time.
  private static final int KEPT = 64;

  private final BlockingQueue<ByteBuffer> free = new ArrayBlockingQueue<>(KEPT);

  private SharedBuffers() {}

  @Override
  public AllocatedBuffer allocateDirectBuffer(int capacity) {
    if (capacity > SIZE) {
      return BufferAllocator.unpooled().allocateDirectBuffer(capacity);
    }
    ByteBuffer kept = free.poll();
    ByteBuffer buffer = kept == null ? ByteBuffer.allocateDirect(SIZE) : kept;
    buffer.clear().limit(capacity);
    return new Lent(buffer);
  }

  /// One that comes back.
  private final class Lent extends AllocatedBuffer {
    private final ByteBuffer buffer;
    private boolean released;

    Lent(ByteBuffer buffer) {
      this.buffer = buffer;
    }

    @Override
    public ByteBuffer nioBuffer() {
      return buffer;
    }

    @Override
    public AllocatedBuffer release() {
      if (!released) { // twice would lend it to two
        released = true;
        var _ = free.offer(buffer);
      }
      return this;
    }
  }
}
