// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
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

  /// A lock that another program holds is not waited for by the system but looked at so often: it
  /// would wait for ever.
  private static final Duration LOOK = Duration.ofMillis(50);

  private final ReentrantLock thread;
  private final FileChannel file;

  private HomeLock(ReentrantLock thread, FileChannel file) {
    this.thread = thread;
    this.file = file;
  }

  /// Waits for it, as long as one step of another side may take. An interrupt ends the wait.
  ///
  /// @param folder the home, which is there
  /// @throws HomeBusyException if somebody else holds it for so long
  /// @throws ClientException if nothing can be written there
  static HomeLock of(Path folder, ClientEnvironment environment) {
    try {
      Path real = folder.toRealPath();
      ReentrantLock thread = THREADS.computeIfAbsent(real, path -> new ReentrantLock());
      if (!thread.tryLock(environment.patience().toNanos(), TimeUnit.NANOSECONDS)) {
        throw new HomeBusyException(folder);
      }
      return lock(thread, folder, real.resolve(NAME), environment);
    } catch (IOException failed) {
      throw PrivateFiles.unwritable(folder, failed);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new ConnectionLostException(
          folder + ": interrupted while another program signs in from here", interrupted);
    }
  }

  private static HomeLock lock(
      ReentrantLock thread, Path folder, Path path, ClientEnvironment environment)
      throws IOException, InterruptedException {
    boolean held = false;
    try {
      FileChannel file = PrivateFiles.open(path);
      try {
        Duration waited = Duration.ZERO;
        while (!isLocked(file)) {
          if (waited.compareTo(environment.patience()) >= 0) {
            throw new HomeBusyException(folder);
          }
          environment.pause().last(LOOK);
          waited = waited.plus(LOOK);
        }
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

  private static boolean isLocked(FileChannel file) throws IOException {
    try {
      return file.tryLock() != null;
    } catch (OverlappingFileLockException elsewhere) {
      return false; // somebody in this process who does not share THREADS holds it
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
