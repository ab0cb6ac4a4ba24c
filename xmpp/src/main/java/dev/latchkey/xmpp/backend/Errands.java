// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.backend;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/// What the visits to one account cause elsewhere, in the order of the visits: what the account
/// says last is what others hear last (RFC 6120 §10.1). Thread-safe.
///
/// One thread at a time does it, whoever caused it. Who does an errand waits for no other one, and
/// who waits for one does none: so no two accounts' errands can wait for each other.
final class Errands {
  private final ReentrantLock lock = new ReentrantLock();
  private final SequencedSet<Errand> undone = new LinkedHashSet<>();

  /// Who waits, until it may go on: its errand is done, or it may do some.
  private final SequencedMap<Errand, Condition> awaited = new LinkedHashMap<>();

  /// Whether the first is being done.
  private boolean busy;

  /// Takes one that comes after all that were taken before. Called during the visit, so that it has
  /// the visit's place.
  void add(Errand errand) {
    lock.lock();
    try {
      undone.add(errand);
    } finally {
      lock.unlock();
    }
  }

  boolean isEmpty() {
    lock.lock();
    try {
      return undone.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /// Sees to it that an errand is done when this returns: does those before it and itself, or waits
  /// for who does. Not to be called while one is done, of whichever account.
  ///
  /// @param doing does one
  void complete(Errand wanted, Consumer<Errand> doing) {
    lock.lock();
    try {
      while (undone.contains(wanted)) {
        if (busy) {
          awaited.computeIfAbsent(wanted, _ -> lock.newCondition()).awaitUninterruptibly();
        } else {
          doFirst(doing);
        }
      }
    } finally {
      awaited.remove(wanted);
      if (!busy) { // nobody works for others longer than for itself: one of those who wait goes on
        Optional.ofNullable(awaited.firstEntry()).ifPresent(next -> next.getValue().signal());
      }
      lock.unlock();
    }
  }

  /// Under the lock, which is given up meanwhile.
  private void doFirst(Consumer<Errand> doing) {
    Errand first = undone.getFirst();
    busy = true;
    lock.unlock();
    try {
      doing.accept(first);
    } finally {
      lock.lock();
      busy = false;
      undone.remove(first);
      Optional.ofNullable(awaited.get(first)).ifPresent(Condition::signal);
    }
  }
}
