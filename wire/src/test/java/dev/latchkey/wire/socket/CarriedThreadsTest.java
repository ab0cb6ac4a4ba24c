// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.wire.socket;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class CarriedThreadsTest {
  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final EventLoop loop = group.next();

  @AfterEach
  void end() {
    var _ = group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  @Test
  void areCarriedByTheirEventLoop() throws Exception {
    String carrier = loop.submit(() -> Thread.currentThread().getName()).get();
    CompletableFuture<String> thread = new CompletableFuture<>();
    CarriedThreads.on(loop).start(() -> thread.complete(Thread.currentThread().toString()));
    assertThat(thread.get()).startsWith("VirtualThread[").endsWith("@" + carrier);
  }

  @Test
  void letTheirEventLoopGoOnWhileTheyWait() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch released = new CountDownLatch(1);
    Thread waiting =
        CarriedThreads.on(loop)
            .start(
                () -> {
                  begun.countDown();
                  await(released);
                });
    begun.await();
    loop.submit(released::countDown).get();
    assertThat(waiting.join(Duration.ofSeconds(10))).isTrue();
  }

  @Test
  void goOnWhereTheirEventLoopHasEnded() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch released = new CountDownLatch(1);
    Thread waiting =
        CarriedThreads.on(loop)
            .start(
                () -> {
                  begun.countDown();
                  await(released);
                });
    begun.await();
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).await();
    released.countDown(); // whoever wakes it does not fail either
    assertThat(waiting.join(Duration.ofSeconds(10))).isTrue();
  }

  @Test
  void areVirtualThreadsLikeAnyWhereJavaWasStartedWithoutTheOption() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                WithoutOption.class.getName())
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    assertThat(said).contains("VirtualThread[").contains("ForkJoinPool");
  }

  /// Starts one and says what it is.
  static final class WithoutOption {
    public static void main(String[] arguments) throws Exception {
      try (EventLoops loops = EventLoops.start(1)) {
        CompletableFuture<String> thread = new CompletableFuture<>();
        loops
            .threads(loops.group().next())
            .newThread(() -> thread.complete(Thread.currentThread().toString()))
            .start();
        System.out.println(thread.get());
      }
    }
  }

  private static void await(CountDownLatch released) {
    try {
      released.await();
    } catch (InterruptedException interrupted) {
      throw new AssertionError(interrupted);
    }
  }
}
