// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.wire.socket;

import dev.latchkey.wire.tls.EndPoints;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.RejectedExecutionHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// The threads that do the input and output of all connections; a few are enough. Thread-safe.
public final class EventLoops implements AutoCloseable {
  /// After so long an event loop leaves what else its virtual threads and others want done, and
  /// looks what can be read and written. Netty's own is a second.
  private static final Duration AT_A_TIME = Duration.ofMillis(10);

  private final EventLoopGroup group;
  private final Map<EventExecutor, ThreadFactory> threads = new HashMap<>();
  private final LoopWatch watch = new LoopWatch();
  private final EndPoints endPoints = new EndPoints();

  private EventLoops(EventLoopGroup group) {
    this.group = group;
    Executor others = others();
    List<LoopCarrier> carriers = new ArrayList<>();
    for (EventExecutor loop : group) {
      LoopCarrier carrier = new LoopCarrier(loop, others, watch);
      carriers.add(carrier);
      threads.put(loop, CarriedThreads.on(carrier).name("connection").factory());
    }
    if (CarriedThreads.areToBeHad()) {
      watch.start(carriers);
    }
  }

  /// Carry what an event loop does not come to. They go when they have nothing to do.
  private static Executor others() {
    int most = Math.max(2, Runtime.getRuntime().availableProcessors());
    ThreadPoolExecutor others =
        new ThreadPoolExecutor(
            most,
            most,
            1,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(), // bounded by how many threads wait, one step each
            Thread.ofPlatform().name("loop-relief").daemon().factory());
    others.allowCoreThreadTimeOut(true);
    return others;
  }

  /// Starts as many as there are processors.
  public static EventLoops start() {
    return start(Runtime.getRuntime().availableProcessors());
  }

  /// Starts so many.
  public static EventLoops start(int threads) {
    return new EventLoops(
        new MultiThreadIoEventLoopGroup(threads, NioIoHandler.newFactory()) {
          @Override
          protected IoEventLoop newChild(
              Executor executor, IoHandlerFactory handlers, Object... none) {
            return new SingleThreadIoEventLoop(
                this,
                executor,
                handlers,
                Integer.MAX_VALUE,
                RejectedExecutionHandlers.reject(),
                AT_A_TIME.toMillis());
          }
        });
  }

  EventLoopGroup group() {
    return group;
  }

  /// Start virtual threads that one of them carries.
  ThreadFactory threads(EventExecutor loop) {
    return Objects.requireNonNull(threads.get(loop), "one of these loops");
  }

  /// Hashes the certificates that their connections see.
  EndPoints endPoints() {
    return endPoints;
  }

  /// Ends them, and with them every connection that is left. Waits for it, at most a few seconds.
  @Override
  public void close() {
    group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
    watch.close();
  }
}
