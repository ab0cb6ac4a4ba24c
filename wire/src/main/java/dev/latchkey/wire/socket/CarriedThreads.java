// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.wire.socket;

import java.lang.reflect.Constructor;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Starts virtual threads whose carrier is an event loop: what a connection's octets cause runs
/// where they were read, and no other thread needs to be woken for it. Such a thread may wait like
/// any other; its event loop goes on meanwhile. A virtual thread that one of them starts by Java's
/// own means is carried as it is.
///
/// Java 25 has no public way to choose who carries a virtual thread, only the constructor that its
/// own tests use, which is open to us if Java was started with [#OPTION]. Without it, or in a Java
/// that has it no more, virtual threads are carried as always: the same, for up to a third more of
/// CPU.
final class CarriedThreads {
  /// What Java must be started with.
  static final String OPTION = "--add-opens=java.base/java.lang=ALL-UNNAMED";

  private static final Logger LOG = LoggerFactory.getLogger(CarriedThreads.class);
  private static final @Nullable Constructor<?> BUILDER = builder();

  private CarriedThreads() {}

  private static @Nullable Constructor<?> builder() {
    try {
      Constructor<?> builder =
          Class.forName("java.lang.ThreadBuilders$VirtualThreadBuilder")
              .getDeclaredConstructor(Executor.class);
      builder.setAccessible(true);
      return builder;
    } catch (ReflectiveOperationException | RuntimeException closed) {
      LOG.info(
          "event loops carry no virtual threads, which costs CPU (start Java with {}): {}",
          OPTION,
          closed.toString());
      return null;
    }
  }

  /// Whether Java lets us.
  static boolean areToBeHad() {
    return BUILDER != null;
  }

  /// What builds them.
  ///
  /// @param carrier runs their steps on a platform thread, later and without ever refusing
  static Thread.Builder.OfVirtual on(Executor carrier) {
    if (BUILDER == null) {
      return Thread.ofVirtual();
    }
    try {
      return (Thread.Builder.OfVirtual) BUILDER.newInstance(carrier);
    } catch (ReflectiveOperationException refused) {
      throw new IllegalStateException("this Java's virtual threads cannot be built", refused);
    }
  }
}
