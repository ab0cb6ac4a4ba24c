// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.backend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.credential.AccountJid;
import dev.latchkey.testkit.Spec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Who is at an account when, and what it causes elsewhere.
@Timeout(60)
class LocalAccountsTest {
  private static final AccountJid NINA = new AccountJid("nina", ChatDomain.DOMAIN);
  private static final AccountJid OMAR = new AccountJid("omar", ChatDomain.DOMAIN);

  private final LocalAccounts accounts = new ChatDomain("nina", "omar").backend.accounts();

  /// Visits an account and causes one thing.
  private void visit(AccountJid account, Runnable caused) {
    accounts.visit(account, (_, after) -> after.add(caused));
  }

  @Test
  @Spec(
      doc = "RFC 6120",
      section = "10.1",
      rule = "what an account says first is what others hear first, whichever device said it")
  void whatALaterVisitCausesDoesNotOvertake() throws InterruptedException {
    List<String> done = Collections.synchronizedList(new ArrayList<>());
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    Thread first =
        Thread.ofPlatform()
            .start(
                () ->
                    visit(
                        NINA,
                        () -> {
                          begun.countDown();
                          await(goOn);
                          done.add("first");
                        }));
    begun.await();
    Thread second = Thread.ofPlatform().start(() -> visit(NINA, () -> done.add("second")));
    while (second.getState() != Thread.State.WAITING
        && second.getState() != Thread.State.TERMINATED) {
      Thread.onSpinWait();
    }
    goOn.countDown();
    first.join();
    second.join();
    assertThat(done).containsExactly("first", "second");
    assertThat(accounts.size()).isZero();
  }

  @Test
  void whoVisitedGoesOnWhenAllThatItCausedIsDone() {
    List<String> done = new ArrayList<>();
    visit(
        NINA,
        () -> {
          visit(OMAR, () -> visit(NINA, () -> done.add("the answer to the answer")));
          done.add("the question");
        });
    assertThat(done).containsExactly("the question", "the answer to the answer");
    assertThat(accounts.size()).isZero();
  }

  @Test
  void twoThatCauseSomethingAtEachOtherDoNotWaitForEachOther() throws Exception {
    CyclicBarrier both = new CyclicBarrier(2);
    AtomicInteger done = new AtomicInteger();
    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      Future<?> one = threads.submit(() -> visit(NINA, () -> meet(both, OMAR, done)));
      Future<?> other = threads.submit(() -> visit(OMAR, () -> meet(both, NINA, done)));
      one.get();
      other.get();
    }
    assertThat(done).hasValue(2);
    assertThat(accounts.size()).isZero();
  }

  /// While both are at it, each causes something at the account of the other.
  private void meet(CyclicBarrier both, AccountJid other, AtomicInteger done) {
    try {
      both.await();
    } catch (InterruptedException | java.util.concurrent.BrokenBarrierException broken) {
      throw new AssertionError(broken);
    }
    visit(other, done::incrementAndGet);
  }

  @Test
  void aLongChainOfCausesIsNoDeepStack() {
    AtomicInteger left = new AtomicInteger(100_000);
    goOn(left);
    assertThat(left).hasValue(0);
  }

  private void goOn(AtomicInteger left) {
    if (left.get() > 0) {
      visit(left.decrementAndGet() % 2 == 0 ? NINA : OMAR, () -> goOn(left));
    }
  }

  @Test
  void whateverManyCauseIsDoneOnceInTheOrderOfTheVisits() throws Exception {
    List<Integer> visited = new ArrayList<>();
    List<Integer> done = Collections.synchronizedList(new ArrayList<>());
    AtomicInteger drawn = new AtomicInteger();
    List<Future<?>> threads = new ArrayList<>();
    try (ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int thread = 0; thread < 16; thread++) {
        boolean throughAnother = thread % 2 == 0;
        threads.add(
            pool.submit(
                () -> {
                  for (int visit = 0; visit < 200; visit++) {
                    AtomicInteger number = new AtomicInteger();
                    if (throughAnother) {
                      visit(OMAR, () -> number.set(numbered(drawn, visited, done)));
                    } else {
                      number.set(numbered(drawn, visited, done));
                    }
                    assertThat(done.contains(number.get()))
                        .as("done when its visitor goes on")
                        .isTrue();
                  }
                }));
      }
      for (Future<?> thread : threads) {
        thread.get(30, TimeUnit.SECONDS);
      }
    }
    assertThat(done).hasSize(3_200).isEqualTo(visited);
    assertThat(accounts.size()).isZero();
  }

  private int numbered(AtomicInteger drawn, List<Integer> visited, List<Integer> done) {
    return accounts.visit(
        NINA,
        (_, after) -> {
          int number = drawn.incrementAndGet();
          visited.add(number);
          after.add(() -> done.add(number));
          return number;
        });
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException interrupted) {
      throw new AssertionError(interrupted);
    }
  }
}
