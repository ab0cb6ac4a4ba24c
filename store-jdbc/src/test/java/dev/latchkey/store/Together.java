// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/// Work that shares a transaction.
final class Together {
  private Together() {}

  /// Does all of it in one transaction, in this order: it waits for one that takes its time.
  ///
  /// @param work each begins with something that is written
  static void run(Database database, List<Runnable> work) throws Exception {
    CountDownLatch held = new CountDownLatch(1);
    CompletableFuture<Boolean> holding = new CompletableFuture<>();
    List<CompletableFuture<Void>> all = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      threads.execute(
          () ->
              database.write(
                  _ -> {
                    holding.complete(true);
                    return wait(held);
                  }));
      holding.get(30, TimeUnit.SECONDS);
      for (Runnable piece : work) {
        long before = database.counters().writes();
        all.add(CompletableFuture.runAsync(piece, threads));
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (database.counters().writes() == before && System.nanoTime() < deadline) {
          Thread.onSpinWait();
        }
      }
      held.countDown();
      for (CompletableFuture<Void> piece : all) {
        piece.get(30, TimeUnit.SECONDS);
      }
    }
  }

  private static boolean wait(CountDownLatch latch) {
    try {
      return latch.await(30, TimeUnit.SECONDS);
    } catch (InterruptedException unexpected) {
      throw new IllegalStateException(unexpected);
    }
  }
}
