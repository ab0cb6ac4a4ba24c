// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.session;

import dev.latchkey.credential.Resource;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.framing.WrittenElement;
import dev.latchkey.wire.management.StanzaCount;
import dev.latchkey.wire.management.Unacknowledged;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// The books of one session under XEP-0198: what it has handled, and what it was sent and has not
/// acknowledged. Guarded by its session's lock.
final class StreamManagement {
  /// What a client asked for on its own behalf may go so many times beyond the bounds: it comes in
  /// pages, and cannot be stopped in the middle of one.
  static final int ASKED_FOR = 4;

  private final String id;
  private final boolean resumable;
  private final Duration longest;
  private final ManagementPolicy policy;
  private final QueueBudget budget;
  private Unacknowledged<SentStanza> sent = new Unacknowledged<>();
  private StanzaCount handled = StanzaCount.ZERO;
  private Amount all;
  private Amount unasked;
  private boolean asked;

  /// @param id by which it is resumed
  /// @param resumable whether it waits for a client that is gone
  /// @param longest how long it waits
  /// @param budget what all of them may hold together
  StreamManagement(
      String id, boolean resumable, Duration longest, ManagementPolicy policy, QueueBudget budget) {
    this.id = id;
    this.resumable = resumable;
    this.longest = longest;
    this.policy = policy;
    this.budget = budget;
    this.all = new Amount(policy);
    this.unasked = new Amount(policy);
  }

  /// How much is unacknowledged of some kind.
  private static final class Amount {
    private final ManagementPolicy policy;
    private int stanzas;
    private long characters;
    private long octets;

    Amount(ManagementPolicy policy) {
      this.policy = policy;
    }

    void add(SentStanza stanza) {
      StanzaSize size = stanza.size();
      stanzas++;
      characters += size.characters();
      octets += size.octets();
    }

    void subtract(SentStanza stanza) {
      StanzaSize size = stanza.size();
      stanzas--;
      characters -= size.characters();
      octets -= size.octets();
    }

    /// Whether it is so many times what may be.
    boolean isBeyond(double times) {
      return stanzas >= times * policy.stanzas() || characters >= times * policy.characters();
    }
  }

  /// The books as they stood when the server stopped. Nobody knows any more what of it the client
  /// asked for, and it could acknowledge none of it since: all of it counts as if it had.
  StreamManagement(HibernatedSession kept, ManagementPolicy policy, QueueBudget budget) {
    this(kept.id(), true, kept.longest(), policy, budget);
    handled = kept.handled();
    sent =
        new Unacknowledged<>(
            kept.acknowledged(),
            kept.waiting().stream()
                .<SentStanza>map(it -> new SentStanza.Folded(it.xml(), it.receipt(), true))
                .toList());
    measure();
  }

  private void measure() {
    long before = all.octets;
    all = new Amount(policy);
    unasked = new Amount(policy);
    sent.waiting().forEach(this::add);
    budget.change(all.octets - before);
  }

  /// How many octets of the memory it holds.
  long held() {
    return all.octets;
  }

  /// What it holds will not be held any longer: the session is over.
  void release() {
    budget.change(-all.octets);
  }

  private void add(SentStanza stanza) {
    all.add(stanza);
    if (!stanza.askedFor()) {
      unasked.add(stanza);
    }
  }

  private void subtract(SentStanza stanza) {
    all.subtract(stanza);
    if (!stanza.askedFor()) {
      unasked.subtract(stanza);
    }
  }

  String id() {
    return id;
  }

  boolean isResumable() {
    return resumable;
  }

  Duration longest() {
    return longest;
  }

  /// One more stanza of the client is dealt with.
  void handledOne() {
    handled = handled.next();
  }

  StanzaCount handled() {
    return handled;
  }

  /// A stanza goes to the client, or is kept for it.
  ///
  /// @param askedFor whether the client itself brought it about
  /// @param away whether the client is gone: then it is kept small
  void sent(Element stanza, Optional<Receipt> receipt, boolean askedFor, boolean away) {
    SentStanza kept =
        away
            ? new SentStanza.Folded(stanza.toXml(), receipt, askedFor)
            : new SentStanza.Whole(stanza, receipt, askedFor);
    add(kept);
    budget.change(kept.size().octets());
    sent.sent(kept);
  }

  /// Whether the client is to be asked now what it has; not again before it has answered.
  boolean asks() {
    boolean due = !asked && !sent.isEmpty();
    asked |= due;
    return due;
  }

  /// The client says what it has.
  Unacknowledged.Outcome<SentStanza> acknowledge(StanzaCount count) {
    asked = false;
    Unacknowledged.Outcome<SentStanza> outcome = sent.acknowledge(count);
    if (outcome instanceof Unacknowledged.Outcome.Arrived<SentStanza>(List<SentStanza> arrived)) {
      long before = all.octets;
      arrived.forEach(this::subtract);
      budget.change(all.octets - before);
    }
    return outcome;
  }

  boolean allows(StanzaCount count) {
    return sent.allows(count);
  }

  StanzaCount sentCount() {
    return sent.sent();
  }

  List<SentStanza> waiting() {
    return sent.waiting();
  }

  /// What was said of what waits.
  List<Receipt> receipts() {
    return sent.waiting().stream().flatMap(stanza -> stanza.receipt().stream()).toList();
  }

  /// The client is gone: what waits for it becomes small.
  void fold() {
    asked = false;
    sent =
        new Unacknowledged<>(
            sent.acknowledged(), sent.waiting().stream().map(SentStanza::folded).toList());
    measure();
  }

  /// Whether it holds all it may of what came unasked. What the client asked for does not count: it
  /// had no chance to acknowledge that before the next stanza comes.
  boolean isFull() {
    return unasked.isBeyond(1);
  }

  /// Whether so much is unacknowledged that who can wait shall: the other half is for what comes
  /// unasked.
  boolean isHalfFull() {
    return !sent.isEmpty() && all.isBeyond(0.5);
  }

  /// Whether it cannot even take more of what its client has asked for, or would miss for good.
  boolean isFullOfAll() {
    return all.isBeyond(ASKED_FOR);
  }

  /// What will never be acknowledged.
  List<Undelivered> undelivered() {
    WrittenElement reader = new WrittenElement();
    return sent.waiting().stream().map(stanza -> stanza.undelivered(reader)).toList();
  }

  /// The books as they are kept while the server is stopped.
  HibernatedSession kept(
      SessionIdentity identity, Resource resource, Instant since, Element place) {
    return new HibernatedSession(
        id,
        identity,
        resource,
        longest,
        since,
        handled,
        sent.acknowledged(),
        sent.waiting().stream()
            .map(it -> new HibernatedSession.Waiting(it.xml(), it.receipt()))
            .toList(),
        place);
  }
}
