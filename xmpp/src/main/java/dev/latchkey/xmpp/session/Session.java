// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.session;

import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.DeviceId;
import dev.latchkey.credential.Jid;
import dev.latchkey.credential.Resource;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import dev.latchkey.wire.framing.StreamEvent;
import dev.latchkey.wire.management.StanzaCount;
import dev.latchkey.wire.management.Unacknowledged;
import dev.latchkey.wire.socket.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One device, from the moment its proof is registered until it is gone: an actor whose stanzas are
/// handled one after another ([Turn], [Incoming]), so that an idle one costs no thread.
///
/// Its connection can be replaced: under XEP-0198 it outlives one ([State#HIBERNATED]) and goes on
/// over another. [SessionRegistry] finds it whatever its state.
///
/// Thread-safe.
public final class Session implements ClientSide {
  private static final Logger LOG = LoggerFactory.getLogger(Session.class);

  /// How long a client may take to read what it has asked for, before the next piece is sent.
  private static final Duration ROOM_STEP = Duration.ofMillis(100);

  private static final int ROOM_STEPS = 300;

  /// How long a client may acknowledge nothing whose session is full: longer than a slow line takes
  /// for what it may hold.
  private static final Duration LONGEST_FULL = Duration.ofMinutes(2);

  /// Where a session stands.
  enum State {
    /// Its proof is accepted; it may bind.
    AUTHENTICATED,
    /// It has a resource and a connection.
    BOUND,
    /// It has a resource, its client is gone and may come back (XEP-0198).
    HIBERNATED,
    /// Over: nothing more is read, counted or sent.
    DEAD
  }

  /// So many things that a client said are handled in one turn; others whom the same event loop
  /// carries have theirs in between.
  private static final int MOST_OF_A_TURN = 64;

  private final SessionRegistry registry;
  private final Runnable afterwards;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition acknowledgement = lock.newCondition();
  private final Turn turn;
  private final Incoming incoming;
  private State state = State.AUTHENTICATED;
  private volatile SessionIdentity identity;
  private Optional<Bytes> program = Optional.empty();
  private @Nullable Connection connection;
  private @Nullable Jid fullJid;
  private @Nullable Attachment attachment;
  private @Nullable StreamManagement management;

  /// What the client has acknowledged and the backend does not know yet.
  private final List<Receipt> arrived = new ArrayList<>();

  /// Whether its stream is one that resumed it.
  private boolean resumed;

  /// Whether the backend does not know yet that its client is back.
  private boolean back;

  /// Since when it has been full, as somebody who asked found, or acknowledged no more since.
  private @Nullable Instant fullSince;

  /// Whether the backend does not know yet that it is not full any more.
  private boolean roomAgain;

  /// How many wait for the turn to end: until none does, nothing is read.
  private int holders;

  private @Nullable EndReason endAfterTurn;

  /// Why it is over.
  private @Nullable EndReason endedBy;

  /// Who has its connection and its proof now: what is about to end this one means that.
  private @Nullable Session successor;

  private volatile Instant lastHeard;
  private volatile Instant lastSaid;
  private volatile boolean pinged;

  Session(
      SessionIdentity identity,
      @Nullable Connection connection,
      SessionRegistry registry,
      Executor workers,
      Runnable afterwards,
      Instant now) {
    this.identity = identity;
    this.connection = connection;
    this.registry = registry;
    this.turn = new Turn(lock, work -> start(work, workers), this::work, this::endIfDue);
    this.afterwards = afterwards;
    this.incoming = new Incoming(this, registry);
    this.lastHeard = now;
    this.lastSaid = now;
  }

  /// One that slept while the server was stopped, and whose client is still away.
  ///
  /// @param books as they stood
  static Session revived(
      HibernatedSession kept, StreamManagement books, SessionRegistry registry, Executor workers) {
    Session session = new Session(kept.identity(), null, registry, workers, () -> {}, kept.since());
    session.fullJid = kept.identity().jid().with(kept.resource());
    session.management = books;
    session.state = State.HIBERNATED;
    return session;
  }

  @Override
  public SessionIdentity identity() {
    return identity;
  }

  @Override
  public Jid jid() {
    lock.lock();
    try {
      if (fullJid == null) {
        throw new IllegalStateException("this session is not bound");
      }
      return fullJid;
    } finally {
      lock.unlock();
    }
  }

  /// Its resource, once it has one.
  Optional<Resource> resource() {
    lock.lock();
    try {
      return Optional.ofNullable(fullJid).flatMap(Jid::resource);
    } finally {
      lock.unlock();
    }
  }

  /// Whether it is in a state.
  boolean is(State asked) {
    lock.lock();
    try {
      return state == asked;
    } finally {
      lock.unlock();
    }
  }

  /// Whether it has a resource.
  public boolean isBound() {
    return is(State.BOUND);
  }

  /// Whether it lives and has a place in the backend: its client was answered before.
  boolean isStarted() {
    lock.lock();
    try {
      return state != State.DEAD && attachment != null;
    } finally {
      lock.unlock();
    }
  }

  // What goes to the client.

  /// Sends what is no stanza, or answers before stanzas flow, unless the session is over: after its
  /// end nobody hears a success.
  ///
  /// @return whether it was sent
  public boolean send(Element element) {
    return send(element, () -> {});
  }

  /// Sends, as [#send(Element)].
  ///
  /// @param first done before it is sent, if it is: what is written down of an answer is never
  ///   behind what the peer knows. Must not wait.
  /// @return whether it was sent
  public boolean send(Element element, Runnable first) {
    return send(first, alive -> alive.send(element));
  }

  /// Sends, as [#send(Element, Runnable)].
  ///
  /// @param xml what [Element#toXml] made of what is sent
  public boolean sendWritten(String xml, Runnable first) {
    return send(first, alive -> alive.sendWritten(xml));
  }

  private boolean send(Runnable first, Consumer<Connection> sending) {
    lock.lock();
    try {
      if (state == State.DEAD || connection == null) {
        return false;
      }
      first.run();
      sending.accept(connection);
      return true;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean deliver(Element stanza) {
    return hand(stanza, Optional.empty(), false);
  }

  @Override
  public boolean deliver(Element stanza, Receipt receipt) {
    return hand(stanza, Optional.of(receipt), false);
  }

  /// @param patiently whether it was seen to before that there is room for it
  /// @return whether it was handed over or is kept for the client
  private boolean hand(Element stanza, Optional<Receipt> receipt, boolean patiently) {
    boolean overloaded = false;
    boolean report = false;
    lock.lock();
    try {
      if (state == State.DEAD) {
        return false;
      }
      if (management != null) {
        boolean ownDoing = turn.isMine(); // an answer, mostly: no acknowledgement is read before it
        boolean away = connection == null;
        management.sent(stanza, receipt, patiently || ownDoing, away);
        // What can wait is not offered to one that is full, so this is what it would miss. Whose
        // client is there may yet acknowledge it: who sends much at once ends nobody's session.
        overloaded =
            !patiently && ((away && !ownDoing) ? management.isFull() : management.isFullOfAll());
      } else if (receipt.isPresent()) {
        arrived.add(receipt.get()); // that is all that is ever known of it
        report = true;
      }
      if (connection != null) {
        connection.send(stanza);
        askForAcknowledgement();
      }
    } finally {
      lock.unlock();
    }
    if (overloaded) {
      registry.later(() -> end(EndReason.OVERLOADED)); // who delivers may hold what an end needs
    }
    if (report) {
      turn.call();
    }
    registry.relieve();
    return true;
  }

  /// Under the lock.
  private void askForAcknowledgement() {
    if (management != null && connection != null && management.asks()) {
      connection.send(ManagementElements.REQUEST);
    }
  }

  @Override
  public boolean hasRoom() {
    lock.lock();
    try {
      boolean full = management != null && management.isFull();
      if (full && fullSince == null) {
        fullSince = registry.now();
      }
      return state != State.DEAD && !full;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean acknowledges() {
    lock.lock();
    try {
      return management != null;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public List<Receipt> unacknowledged() {
    lock.lock();
    try {
      return management == null ? List.of() : management.receipts();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean deliverPatiently(Element stanza, Optional<Receipt> receipt) {
    boolean reads = true;
    try {
      // In small steps: whoever ends the session meanwhile waits for the stanza in hand.
      for (int step = 0; step < ROOM_STEPS; step++) {
        Optional<Connection> reader = roomTo();
        if (reader.isEmpty()) {
          return false;
        }
        if (awaitAcknowledgement()) {
          reads = reader.get().awaitRoom(ROOM_STEP);
          if (reads) {
            return hand(stanza, receipt, true);
          }
        }
      }
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
      return false;
    }
    if (!reads) {
      connection().ifPresent(Connection::abort);
    }
    return false;
  }

  /// Waits a little while for a client that has much to acknowledge.
  ///
  /// @return whether it has not too much; always in a turn, in which nothing could be acknowledged
  private boolean awaitAcknowledgement() throws InterruptedException {
    lock.lock();
    try {
      long left = turn.isMine() ? 0 : ROOM_STEP.toNanos();
      while (left > 0 && management != null && management.isHalfFull()) {
        left = acknowledgement.awaitNanos(left);
      }
      return turn.isMine() || management == null || !management.isHalfFull();
    } finally {
      lock.unlock();
    }
  }

  /// The connection, while there is one and the client acknowledges enough of what it gets; none in
  /// a turn for whose end somebody waits: the client comes back over another connection.
  private Optional<Connection> roomTo() {
    lock.lock();
    try {
      boolean full = management != null && management.isFullOfAll();
      boolean replaced = holders > 0 && turn.isMine();
      return state == State.DEAD || full || replaced
          ? Optional.empty()
          : Optional.ofNullable(connection).filter(Connection::isOpen);
    } finally {
      lock.unlock();
    }
  }

  /// The connection, while there is one.
  Optional<Connection> connection() {
    lock.lock();
    try {
      return Optional.ofNullable(connection);
    } finally {
      lock.unlock();
    }
  }

  // From its proof to its first stanza.

  /// Its client said which program it is.
  ///
  /// @param said SHA-256 of the user agent's id (XEP-0388)
  public void program(Bytes said) {
    lock.lock();
    try {
      program = Optional.of(said);
    } finally {
      lock.unlock();
    }
  }

  private Optional<Bytes> program() {
    lock.lock();
    try {
      return program;
    } finally {
      lock.unlock();
    }
  }

  /// Whether it waits for a client that is the same program as another session's; who does not say
  /// which it is, is none.
  boolean isLeftBehindBy(Session other) {
    Optional<Bytes> same = other.program();
    lock.lock();
    try {
      return state == State.HIBERNATED && same.isPresent() && program.equals(same);
    } finally {
      lock.unlock();
    }
  }

  /// Gives it its resource.
  ///
  /// @return whether it was still alive to get it
  boolean bind(Jid full) {
    lock.lock();
    try {
      if (state != State.AUTHENTICATED) {
        return false;
      }
      fullJid = full;
      state = State.BOUND;
      return true;
    } finally {
      lock.unlock();
    }
  }

  /// Takes back a registration that was not answered: the connection may try again, or has become
  /// another session's.
  ///
  /// @return whether it was alive until now
  public boolean withdraw() {
    return withdrawFor(null).isEmpty();
  }

  /// @return why it had ended, if it was not alive until now
  private Optional<EndReason> withdrawFor(@Nullable Session other) {
    Optional<EndReason> before;
    lock.lock();
    try {
      before = Optional.ofNullable(endedBy);
      state = State.DEAD;
      endedBy = before.orElse(EndReason.REPLACED);
      successor = other;
    } finally {
      lock.unlock();
    }
    registry.remove(this);
    return before;
  }

  /// Lets it live: from now on what comes over the connection is handled.
  ///
  /// @param asked what the client asked for while it bound (XEP-0386)
  public void start(Backend backend, List<Element> asked) {
    // Not under the lock: whoever holds something of the backend's may be delivering to us.
    Attachment attached = backend.attach(this, asked);
    Optional<Connection> read;
    lock.lock();
    try {
      read = state == State.BOUND ? Optional.ofNullable(connection) : Optional.empty();
      if (read.isPresent()) {
        attachment = attached;
      }
    } finally {
      lock.unlock();
    }
    if (read.isPresent()) {
      read(read.get());
    } else {
      attached.end(List.of(), EndReason.DISCONNECTED);
    }
  }

  /// Where its connection is, if it has one.
  private void start(Runnable work, Executor otherwise) {
    connection().ifPresentOrElse(there -> there.start(work), () -> otherwise.execute(work));
  }

  /// Begins with what is there already, and goes on whenever there is something.
  private void read(Connection connection) {
    turn.take();
    connection.onReadable(turn::take);
  }

  /// The backend knows it again after the server was stopped.
  void revive(Attachment attached) {
    lock.lock();
    try {
      attachment = attached;
    } finally {
      lock.unlock();
    }
  }

  // Stream management (XEP-0198).

  /// Begins to count.
  ///
  /// @param books empty ones
  /// @param told whether the client is told here, so that nothing comes between; if not, the caller
  ///   tells before anything else is sent
  /// @return whether it did: once, and only with a resource
  boolean manage(StreamManagement books, boolean told) {
    lock.lock();
    try {
      if (state != State.BOUND || management != null) {
        return false;
      }
      management = books;
      if (told && connection != null) {
        connection.send(ManagementElements.enabled(books));
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  /// By which it is resumed, if it can be.
  Optional<String> managementId() {
    lock.lock();
    try {
      return Optional.ofNullable(management).map(StreamManagement::id);
    } finally {
      lock.unlock();
    }
  }

  /// How many octets of the memory what its client has not acknowledged takes.
  long held() {
    lock.lock();
    try {
      return state == State.DEAD || management == null ? 0 : management.held();
    } finally {
      lock.unlock();
    }
  }

  /// How many stanzas of the client are dealt with.
  Optional<StanzaCount> handled() {
    lock.lock();
    try {
      return Optional.ofNullable(management).map(StreamManagement::handled);
    } finally {
      lock.unlock();
    }
  }

  /// Goes on over another connection, in the order of rule 46: nothing is said to the old one
  /// before the count is known to be possible, and nothing to the new one before the stanza in hand
  /// is counted.
  ///
  /// @param newcomer who has just signed in over that connection
  /// @param answer tells the client; given what was handled
  /// @param first done before the client is told
  Resumption resume(Session newcomer, StanzaCount count, Resumption.Answer answer, Runnable first) {
    Optional<Connection> fresh = newcomer.connection();
    Optional<Connection> old;
    lock.lock();
    try {
      Optional<Resumption> refused = refusal(count);
      if (refused.isPresent() || fresh.isEmpty()) {
        return refused.orElseGet(() -> notFound(Optional.empty()));
      }
      holders++;
      boolean free = turn.awaitEnd(Turn.patience());
      holders--;
      // Waiting gave up the lock: it may be over, or somebody else may have been faster.
      refused = free ? refusal(count) : Optional.of(notFound(Optional.empty()));
      if (refused.isPresent()) {
        turn.call(); // what was held goes on
        return refused.get();
      }
      old = Optional.ofNullable(connection);
      goOn(newcomer, fresh.get(), count, answer, first);
    } finally {
      lock.unlock();
    }
    old.ifPresent(replaced -> bye(replaced, EndReason.REPLACED));
    registry.goesOn(newcomer, this);
    newcomer.withdrawFor(this).ifPresent(reason -> sharesEnd(reason, Turn.patience()));
    read(fresh.get());
    return new Resumption.Resumed(this);
  }

  /// Who signed in to resume it was found by an end that is meant for it: it has that connection
  /// and that proof now. That somebody else has come with the proof costs only the connection.
  private void sharesEnd(EndReason reason, Turn.Patience patience) {
    if (reason == EndReason.REPLACED) {
      lost(reason);
    } else {
      end(reason, patience);
    }
  }

  private static Resumption notFound(Optional<StanzaCount> handled) {
    return new Resumption.Failed(ManagementElements.notFound(handled));
  }

  /// Under the lock.
  private Optional<Resumption> refusal(StanzaCount count) {
    if (!isResumable() || management == null) {
      return Optional.of(notFound(Optional.empty()));
    }
    return management.allows(count)
        ? Optional.empty()
        : Optional.of(
            new Resumption.Impossible(
                ManagementElements.impossible(count, management.sentCount())));
  }

  /// Under the lock.
  private boolean isResumable() {
    return (state == State.BOUND || state == State.HIBERNATED)
        && management != null
        && management.isResumable()
        && attachment != null
        && endAfterTurn == null;
  }

  /// Under the lock, which keeps together what the client must see in this order.
  private void goOn(
      Session newcomer,
      Connection fresh,
      StanzaCount count,
      Resumption.Answer answer,
      Runnable first) {
    StreamManagement books = java.util.Objects.requireNonNull(management);
    if (state == State.HIBERNATED) {
      registry.awake();
    }
    state = State.BOUND;
    connection = fresh;
    identity = newcomer.identity();
    program = newcomer.program().or(() -> program);
    resumed = true;
    back = true;
    pinged = false;
    lastHeard = registry.now();
    fullSince = fullSince == null ? null : lastHeard; // it could acknowledge nothing
    take(books.acknowledge(count));
    roomAgain = false; // that it is back says as much
    first.run();
    fresh.send(
        answer.to(
            java.util.Objects.requireNonNull(fullJid),
            ManagementElements.resumed(books.id(), books.handled())));
    if (!books.waiting().isEmpty()) {
      fresh.sendWritten(
          books.waiting().stream().map(SentStanza::xml).collect(Collectors.joining()));
    }
    askForAcknowledgement();
  }

  /// Under the lock.
  private void take(Unacknowledged.Outcome<SentStanza> outcome) {
    if (outcome instanceof Unacknowledged.Outcome.Arrived<SentStanza>(List<SentStanza> known)) {
      known.forEach(stanza -> stanza.receipt().ifPresent(arrived::add));
      acknowledgement.signalAll();
      if (fullSince != null && management != null && !known.isEmpty()) {
        roomAgain = !management.isHalfFull();
        fullSince = roomAgain ? null : registry.now();
      }
    }
  }

  private static void bye(Connection connection, EndReason reason) {
    try {
      reason.error().ifPresent(connection::send);
    } finally {
      connection.close();
    }
  }

  /// Its connection is gone: it waits for another one, or it is over.
  void lost(EndReason reason) {
    if (!hibernate(reason)) {
      end(reason);
    }
  }

  private boolean hibernate(EndReason reason) {
    Connection last;
    lock.lock();
    try {
      if (state != State.BOUND || management == null || !isResumable() || !registry.maySleep()) {
        return false;
      }
      state = State.HIBERNATED;
      management.fold();
      last = java.util.Objects.requireNonNull(connection);
      connection = null;
      lastHeard = registry.now();
    } finally {
      lock.unlock();
    }
    bye(last, reason);
    registry.asleep(this);
    return true;
  }

  /// Why it is to end, if it has waited for its client for as long as it may: to come back, or to
  /// acknowledge something, while it is full and what comes for it waits elsewhere.
  Optional<EndReason> overdue(Instant now) {
    lock.lock();
    try {
      return switch (state) {
        case HIBERNATED ->
            Optional.ofNullable(management)
                .filter(books -> !now.isBefore(lastHeard.plus(books.longest())))
                .map(_ -> EndReason.UNRESPONSIVE);
        case BOUND ->
            Optional.ofNullable(fullSince)
                .filter(since -> !now.isBefore(since.plus(LONGEST_FULL)))
                .map(_ -> EndReason.OVERLOADED);
        case AUTHENTICATED, DEAD -> Optional.empty();
      };
    } finally {
      lock.unlock();
    }
  }

  /// Whether there is nothing to be said at the end of the server: it goes on after it, or is over.
  boolean isResumableOrGone() {
    lock.lock();
    try {
      return state == State.DEAD || isResumable();
    } finally {
      lock.unlock();
    }
  }

  /// Stops to handle what comes; the stanza in hand goes on ([#awaitHeld]).
  void hold() {
    lock.lock();
    try {
      holders++;
    } finally {
      lock.unlock();
    }
  }

  /// Waits until the stanza that was in hand when it was held is handled.
  void awaitHeld(Turn.Patience patience) {
    lock.lock();
    try {
      var _ = turn.awaitEnd(patience);
    } finally {
      lock.unlock();
    }
  }

  /// Ends it for this process, so that it can go on in the next: the backend is not told that it is
  /// gone. Only after [#hold].
  ///
  /// @return nothing if it cannot be resumed: then it is still alive, or it has just ended because
  ///   its place cannot be told
  Optional<HibernatedSession> freeze() {
    Attachment attached;
    StreamManagement books;
    Resource resource;
    Instant since;
    Optional<Connection> last;
    lock.lock();
    try {
      if (!isResumable() || management == null || attachment == null || fullJid == null) {
        return Optional.empty();
      }
      attached = attachment;
      books = management;
      resource = fullJid.resource().orElseThrow();
      since = state == State.HIBERNATED ? lastHeard : registry.now();
      state = State.DEAD; // so that the books are not written any more
      release();
      last = Optional.ofNullable(connection);
    } finally {
      lock.unlock();
    }
    registry.remove(this);
    last.ifPresent(open -> bye(open, EndReason.SHUTDOWN));
    try {
      return Optional.of(books.kept(identity, resource, since, attached.place()));
    } catch (RuntimeException fault) {
      LOG.error("SESSION-9002 a session of device={} cannot be kept", device(), fault);
      leave(attached, List.of(), Optional.of(books), EndReason.SHUTDOWN);
      return Optional.empty();
    }
  }

  // Its end.

  /// Ends it. When this returns, the stanza that was in hand is handled and no other will be (rule
  /// 39); a session that ends itself while it handles a stanza ends when that is answered.
  ///
  /// A fault in the books or the backend is written to the log and costs what it hit: the
  /// connection closes all the same, and so does whatever ends after this one.
  public void end(EndReason reason) {
    end(reason, Turn.patience());
  }

  /// Ends it, as [#end(EndReason)].
  ///
  /// @param patience how long the stanza in hand is waited for
  void end(EndReason reason, Turn.Patience patience) {
    Attachment attached;
    Optional<Connection> last;
    Optional<StreamManagement> books;
    List<Receipt> known;
    Optional<Session> next = successor();
    if (next.isPresent()) {
      next.get().sharesEnd(reason, patience);
      return;
    }
    lock.lock();
    try {
      boolean handling = turn.isMine();
      if (state == State.DEAD) {
        if (!handling) {
          var _ =
              turn.awaitEnd(patience); // somebody else ends it just now: this end promises the same
        }
        return;
      }
      if (handling) {
        endAfterTurn = endAfterTurn == null ? reason : endAfterTurn;
        return;
      }
      if (state == State.HIBERNATED) {
        registry.awake();
      }
      state = State.DEAD;
      endedBy = reason;
      release();
      attached = attachment;
      var _ = turn.awaitEnd(patience);
      last = Optional.ofNullable(connection);
      books = Optional.ofNullable(management);
      known = takeArrived();
    } finally {
      lock.unlock();
    }
    registry.remove(this);
    if (attached != null) {
      leave(attached, known, books, reason);
    }
    apart(() -> last.ifPresent(open -> bye(open, reason)));
    apart(afterwards);
  }

  /// Under the lock.
  private void release() {
    if (management != null) {
      management.release();
    }
  }

  /// Tells the backend of its end. What cannot be told is no reason to be there any longer.
  private void leave(
      Attachment attached,
      List<Receipt> known,
      Optional<StreamManagement> books,
      EndReason reason) {
    if (!known.isEmpty()) {
      apart(() -> attached.arrived(known));
    }
    List<Undelivered> undelivered = new ArrayList<>();
    apart(() -> books.ifPresent(kept -> undelivered.addAll(kept.undelivered())));
    apart(() -> attached.end(undelivered, reason));
  }

  /// Does one thing that an end brings about: a fault in it costs neither the others nor the end.
  private void apart(Runnable part) {
    try {
      part.run();
    } catch (RuntimeException fault) {
      LOG.error("SESSION-9002 fault in the end of a session of device={}", device(), fault);
    }
  }

  /// Who has gone on with its connection and its proof. Whoever ends the sessions of a credential
  /// may have found this one before it was resumed into another, which nobody had found under that
  /// credential.
  private Optional<Session> successor() {
    lock.lock();
    try {
      return Optional.ofNullable(successor);
    } finally {
      lock.unlock();
    }
  }

  private void endIfDue() {
    EndReason due;
    lock.lock();
    try {
      due = endAfterTurn;
    } finally {
      lock.unlock();
    }
    if (due != null) {
      end(due);
    }
  }

  // What comes from the client ([Incoming]): all of this in a turn.

  private void work() {
    try {
      for (int handled = 0; handled < MOST_OF_A_TURN; handled++) {
        List<Receipt> known = takeArrived();
        if (!known.isEmpty()) {
          attachment().arrived(known);
        }
        if (takeBack()) {
          attachment().resumed();
        }
        if (takeRoomAgain()) {
          attachment().hasRoomAgain();
        }
        Optional<Connection> readable = readable();
        Optional<StreamEvent> event = readable.flatMap(Connection::poll);
        if (event.isEmpty()) {
          return;
        }
        lastHeard = registry.now();
        if (event.get() instanceof StreamEvent.Received) {
          lastSaid = lastHeard;
        }
        pinged = false;
        incoming.handle(event.get());
      }
      turn.call(); // the rest in another turn
    } catch (RuntimeException fault) {
      LOG.error("SESSION-9001 fault in the session of device={}", device(), fault);
      end(EndReason.FAULT);
    }
  }

  private List<Receipt> takeArrived() {
    lock.lock();
    try {
      List<Receipt> taken = List.copyOf(arrived);
      arrived.clear();
      return attachment == null ? List.of() : taken;
    } finally {
      lock.unlock();
    }
  }

  private boolean takeBack() {
    lock.lock();
    try {
      boolean taken = back && state == State.BOUND;
      back = false;
      return taken;
    } finally {
      lock.unlock();
    }
  }

  private boolean takeRoomAgain() {
    lock.lock();
    try {
      boolean taken = roomAgain && state == State.BOUND;
      roomAgain &= !taken;
      return taken;
    } finally {
      lock.unlock();
    }
  }

  /// What is read, if anything may be read now.
  private Optional<Connection> readable() {
    lock.lock();
    try {
      return state == State.BOUND && endAfterTurn == null && holders == 0
          ? Optional.ofNullable(connection)
          : Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  /// A stanza of the client is dealt with.
  void handledOne() {
    lock.lock();
    try {
      if (management != null) {
        management.handledOne();
      }
    } finally {
      lock.unlock();
    }
  }

  /// The client says how many stanzas have come.
  ///
  /// @return how many were sent, if that is fewer than it says
  Optional<StanzaCount> acknowledged(StanzaCount count) {
    lock.lock();
    try {
      if (management == null || state == State.DEAD) {
        // It acknowledges nothing that was counted, or that somebody else has not got by now.
        return Optional.empty();
      }
      Unacknowledged.Outcome<SentStanza> outcome = management.acknowledge(count);
      take(outcome);
      askForAcknowledgement();
      return outcome instanceof Unacknowledged.Outcome.Impossible<SentStanza>(StanzaCount sent)
          ? Optional.of(sent)
          : Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  /// Whether its stream is one that resumed it.
  boolean isResumedStream() {
    lock.lock();
    try {
      return resumed;
    } finally {
      lock.unlock();
    }
  }

  /// Its place in the backend, which it has since it was started.
  Attachment attachment() {
    lock.lock();
    try {
      if (attachment == null) {
        throw new IllegalStateException("this session was not started");
      }
      return attachment;
    } finally {
      lock.unlock();
    }
  }

  // Whether its client is still there.

  /// When the client was last heard; of one that is away, since when it is.
  Instant lastHeard() {
    return lastHeard;
  }

  /// When the client last said something. That its connection ended, which may be noticed late, is
  /// no word of it.
  Instant lastSaid() {
    return lastSaid;
  }

  /// Asks a silent client whether it is still there; once until it is heard again.
  ///
  /// @return whether it was asked before
  boolean pingOnce() {
    if (pinged) {
      return true;
    }
    pinged = true;
    lock.lock();
    try {
      if (management != null) {
        send(ManagementElements.REQUEST);
        return false;
      }
    } finally {
      lock.unlock();
    }
    send(
        Element.named("iq", Namespaces.CLIENT)
            .attribute("type", "get")
            .attribute("id", "alive")
            .attribute("from", identity.jid().domain().name())
            .child("ping", Namespaces.PING)
            .build());
    return false;
  }

  /// It was asked and did not answer.
  void unresponsive() {
    lost(EndReason.UNRESPONSIVE);
  }

  /// Somebody else has what it signed in with. Its connection is over in any case; if it can be
  /// resumed it sleeps, for who has come may have come for it.
  void replaced() {
    lost(EndReason.REPLACED);
  }

  private DeviceId device() {
    return identity.device();
  }

  @Override
  public String toString() {
    return "Session[" + device() + "]";
  }
}
