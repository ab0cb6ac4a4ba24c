// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/// Lets one sign-in at a time use what a home counts or rotates, whichever program does it: a
/// counter that is used twice, or a token that comes up again after a newer one was used, looks to
/// the server as if the home had been copied.
///
/// Held by one thread; released with [#close], and by the system when the program dies.
final class HomeLock implements AutoCloseable {
  private static final String NAME = "lock";

  /// A file's lock is its process's: threads of one process need one of their own.
  private static final Map<Path, ReentrantLock> THREADS = new ConcurrentHashMap<>();

  private final ReentrantLock thread;
  private final FileChannel file;

  private HomeLock(ReentrantLock thread, FileChannel file) {
    this.thread = thread;
    this.file = file;
  }

  /// Waits for it.
  ///
  /// @param folder the home, which is there
  /// @throws ClientException if nothing can be written there
  static HomeLock of(Path folder) {
    try {
      Path real = folder.toRealPath();
      return lock(THREADS.computeIfAbsent(real, path -> new ReentrantLock()), real.resolve(NAME));
    } catch (IOException failed) {
      throw new ClientException(folder + " cannot be written: " + failed, failed);
    }
  }

  private static HomeLock lock(ReentrantLock thread, Path path) throws IOException {
    thread.lock();
    boolean held = false;
    try {
      FileChannel file = PrivateFiles.open(path);
      try {
        var _ = file.lock();
        held = true;
        return new HomeLock(thread, file);
      } finally {
        if (!held) {
          file.close();
        }
      }
    } finally {
      if (!held) {
        thread.unlock();
      }
    }
  }

  @Override
  public void close() {
    try {
      file.close();
    } catch (IOException failed) {
      throw new ClientException("the home's lock cannot be given back: " + failed, failed);
    } finally {
      thread.unlock();
    }
  }
}
