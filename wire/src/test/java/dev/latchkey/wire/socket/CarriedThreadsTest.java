// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.wire.socket;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoop;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class CarriedThreadsTest {
  private static final Duration SOON = Duration.ofSeconds(10);

  /// Steps of a millisecond: Netty looks at the clock after every 64 of them.
  private static final int FEW = 500;

  private static final int MANY = 5000;

  private final EventLoops loops = EventLoops.start(1);
  private final EventLoop loop = loops.group().next();

  @AfterEach
  void end() {
    loops.close();
  }

  private Thread carried(Runnable work) {
    Thread thread = loops.threads(loop).newThread(work);
    thread.start();
    return thread;
  }

  /// One that has begun to.
  private Thread waitsFor(CountDownLatch released) throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(1);
    Thread waiting =
        carried(
            () -> {
              begun.countDown();
              await(released);
            });
    begun.await();
    return waiting;
  }

  @Test
  void areCarriedByTheirEventLoop() throws Exception {
    String carrier = loop.submit(() -> Thread.currentThread().getName()).get();
    CompletableFuture<String> thread = new CompletableFuture<>();
    carried(() -> thread.complete(Thread.currentThread().toString()));
    assertThat(thread.get()).startsWith("VirtualThread[").endsWith("@" + carrier);
  }

  @Test
  void letTheirEventLoopGoOnWhileTheyWait() throws Exception {
    CountDownLatch released = new CountDownLatch(1);
    Thread waiting = waitsFor(released);
    loop.submit(released::countDown).get();
    assertThat(waiting.join(SOON)).isTrue();
  }

  @Test
  void goOnWhereTheirEventLoopHasEnded() throws Exception {
    CountDownLatch released = new CountDownLatch(1);
    Thread waiting = waitsFor(released);
    loops.close();
    released.countDown(); // whoever wakes it does not fail either
    assertThat(waiting.join(SOON)).isTrue();
  }

  /// The lock wakes who has waited longest, and that is the thread which only the event loop behind
  /// it would run.
  @Test
  void goOnWhereTheirEventLoopWaitsBehindThemForALock() throws Exception {
    ReentrantLock lock = new ReentrantLock();
    Thread waiting;
    Future<?> behind;
    lock.lock();
    try {
      waiting = carried(() -> enter(lock));
      until(() -> lock.getQueueLength() == 1);
      behind = loop.submit(() -> enter(lock));
      until(() -> lock.getQueueLength() == 2);
    } finally {
      lock.unlock();
    }
    assertThat(waiting.join(SOON)).isTrue();
    behind.get(SOON.toSeconds(), TimeUnit.SECONDS);
  }

  @Test
  void goOnWhereTheirEventLoopWaitsBehindThemForAMonitor() throws Exception {
    Object monitor = new Object();
    Thread eventLoop = loop.submit(Thread::currentThread).get();
    Thread waiting;
    Future<?> behind;
    synchronized (monitor) {
      waiting = carried(() -> enter(monitor));
      until(() -> waiting.getState() == Thread.State.BLOCKED);
      behind = loop.submit(() -> enter(monitor));
      until(() -> eventLoop.getState() == Thread.State.BLOCKED);
    }
    assertThat(waiting.join(SOON)).isTrue();
    behind.get(SOON.toSeconds(), TimeUnit.SECONDS);
  }

  @Test
  void goOnElsewhereWhileTheirEventLoopIsBusyForLong() throws Exception {
    goesOnElsewhere();
  }

  private void goesOnElsewhere() throws Exception {
    CountDownLatch free = new CountDownLatch(1);
    Future<?> busy = loop.submit(() -> await(free));
    Thread waiting = carried(() -> {});
    assertThat(waiting.join(SOON)).isTrue();
    free.countDown();
    busy.get(SOON.toSeconds(), TimeUnit.SECONDS);
  }

  @Test
  void areCaredForAgainAfterNothingWasToBeDoneForLong() throws Exception {
    carried(() -> {}).join();
    until(CarriedThreadsTest::watchSleeps);
    goesOnElsewhere();
  }

  @Test
  @SuppressWarnings(
      "ThreadPriorityCheck") // yielding is how a thread that never waits is many steps
  void keepTheirEventLoopFromItsConnectionsForNoLongerThanAFewSteps() throws Exception {
    LinkedBlockingQueue<Connection> accepted = new LinkedBlockingQueue<>();
    InetSocketAddress anywhere = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    AtomicInteger steps = new AtomicInteger();
    AtomicBoolean enough = new AtomicBoolean();
    try (Listener listener =
            Listener.open(loops, anywhere, Listener.Settings.startTls(), accepted::add);
        Socket client = new Socket()) {
      Thread busy =
          carried(
              () -> {
                while (!enough.get() && steps.incrementAndGet() < MANY) {
                  work(Duration.ofMillis(1));
                  Thread.yield(); // its next step waits in the queue before the loop can look
                }
              });
      until(() -> steps.get() > 0);
      int before = steps.get();
      client.connect(listener.address());
      assertThat(accepted.poll(SOON.toSeconds(), TimeUnit.SECONDS)).isNotNull();
      int meanwhile = steps.get() - before;
      enough.set(true);
      assertThat(busy.join(SOON)).isTrue();
      assertThat(meanwhile).isLessThan(FEW);
    }
  }

  /// Keeps the processor.
  private static void work(Duration time) {
    long end = System.nanoTime() + time.toNanos();
    while (System.nanoTime() < end) {
      Thread.onSpinWait();
    }
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

  private static boolean watchSleeps() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("loop-watch"))
        .anyMatch(thread -> thread.getState() == Thread.State.WAITING);
  }

  private static void enter(ReentrantLock lock) {
    lock.lock();
    try {
      assertThat(lock.isHeldByCurrentThread()).isTrue();
    } finally {
      lock.unlock();
    }
  }

  private static void enter(Object monitor) {
    synchronized (monitor) {
      monitor.notifyAll(); // to be there is all
    }
  }

  private static void until(BooleanSupplier isSo) {
    long last = System.nanoTime() + SOON.toNanos();
    while (!isSo.getAsBoolean()) {
      assertThat(System.nanoTime()).isLessThan(last);
      Thread.onSpinWait();
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
