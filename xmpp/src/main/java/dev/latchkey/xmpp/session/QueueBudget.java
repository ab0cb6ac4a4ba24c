// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.session;

import dev.latchkey.credential.AccountId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.atomic.AtomicLong;

/// How much memory everything takes together that clients have not acknowledged, of sessions that
/// stand and that sleep. The bounds on one session are there for its client; this is there for the
/// server, which many sessions within their bounds would bring down.
///
/// Thread-safe. On the way of a stanza it costs one addition.
final class QueueBudget {
  private final AtomicLong held = new AtomicLong();
  private final long limit;

  /// @param limit in octets
  QueueBudget(long limit) {
    this.limit = limit;
  }

  /// So much more is held, or less.
  void change(long octets) {
    held.addAndGet(octets);
  }

  /// In octets.
  long held() {
    return held.get();
  }

  boolean isExceeded() {
    return held.get() > limit;
  }

  /// What one session holds.
  private record Share(Session session, long octets) {}

  /// What the sessions of one account hold.
  private static final class Holder {
    private final Deque<Share> largestFirst;
    private long octets;

    Holder(Collection<Share> shares) {
      largestFirst =
          new ArrayDeque<>(
              shares.stream().sorted(Comparator.comparingLong(Share::octets).reversed()).toList());
      octets = shares.stream().mapToLong(Share::octets).sum();
    }

    long octets() {
      return octets;
    }

    Session release() {
      Share share = largestFirst.removeFirst();
      octets -= share.octets();
      return share.session();
    }
  }

  /// Whose end brings it back within its limit, and a little below, so that not each stanza looks
  /// for the next: again and again the largest session of the account that holds most.
  ///
  /// It goes by accounts because nobody makes himself accounts here, but sessions as many as he
  /// likes: who holds much in many small ones must not cost somebody else the one that is larger
  /// than each of them. Who is sent much by others holds no more than his sessions may, and by
  /// their end loses nothing: what was not acknowledged waits.
  List<Session> tooMuch(List<Session> sessions) {
    Map<AccountId, List<Share>> shares = new HashMap<>();
    long left = 0;
    for (Session session : sessions) {
      long octets = session.held();
      if (octets > 0) {
        left += octets;
        shares
            .computeIfAbsent(session.identity().account(), _ -> new ArrayList<>())
            .add(new Share(session, octets));
      }
    }
    PriorityQueue<Holder> most =
        new PriorityQueue<>(Comparator.comparingLong(Holder::octets).reversed());
    shares.values().forEach(its -> most.add(new Holder(its)));
    List<Session> ending = new ArrayList<>();
    long enough = limit - limit / 8;
    while (left > enough) {
      Holder holder = most.remove();
      long before = holder.octets();
      ending.add(holder.release());
      left -= before - holder.octets();
      most.add(holder);
    }
    return ending;
  }
}
