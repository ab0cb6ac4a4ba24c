// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.session;

import dev.latchkey.chat.stanza.Stanzas;
import dev.latchkey.credential.Jid;
import dev.latchkey.credential.Resource;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import dev.latchkey.wire.element.Node;
import dev.latchkey.wire.framing.StreamEvent;
import dev.latchkey.wire.socket.Connection;
import dev.latchkey.xmpp.stream.StreamCondition;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One device on one connection, from the moment its proof is registered until it is gone: an actor
/// whose stanzas are handled one after another by at most one virtual thread, so that an idle one
/// costs none.
///
/// Thread-safe.
public final class Session implements ClientSide {
  private static final Logger LOG = LoggerFactory.getLogger(Session.class);

  /// How long an end waits for the stanza in hand.
  private static final long PATIENCE_SECONDS = 2;

  /// How long a client may take to read what it has asked for, before the next piece is sent.
  private static final Duration ROOM_STEP = Duration.ofMillis(100);

  private static final int ROOM_STEPS = 300;

  /// Where a session stands.
  enum State {
    /// Its proof is accepted; it may bind.
    AUTHENTICATED,
    /// It has a resource.
    BOUND,
    /// Over: nothing more is read, counted or sent.
    DEAD
  }

  private final SessionIdentity identity;
  private final Connection connection;
  private final SessionRegistry registry;
  private final Executor workers;
  private final Runnable afterwards;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition handled = lock.newCondition();
  private State state = State.AUTHENTICATED;
  private @Nullable Jid fullJid;
  private @Nullable Attachment attachment;
  private @Nullable Thread handler;
  private boolean readAgain;
  private @Nullable EndReason endAfterHandling;
  private volatile Instant lastHeard;
  private volatile boolean pinged;

  Session(
      SessionIdentity identity,
      Connection connection,
      SessionRegistry registry,
      Executor workers,
      Runnable afterwards,
      Instant now) {
    this.identity = identity;
    this.connection = connection;
    this.registry = registry;
    this.workers = workers;
    this.afterwards = afterwards;
    this.lastHeard = now;
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

  /// Sends, unless the session is over: after its end nobody hears a success.
  ///
  /// @return whether it was sent
  public boolean send(Element element) {
    return send(element, () -> {});
  }

  /// Sends, unless the session is over.
  ///
  /// @param first done before it is sent, if it is: what is written down of an answer is never
  ///   behind what the peer knows. Must not wait.
  /// @return whether it was sent
  public boolean send(Element element, Runnable first) {
    lock.lock();
    try {
      if (state == State.DEAD) {
        return false;
      }
      first.run();
      connection.send(element);
      return true;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void deliver(Element stanza) {
    send(stanza);
  }

  @Override
  public boolean deliverPatiently(Element stanza) {
    try {
      // In small steps: whoever ends the session meanwhile waits for the stanza in hand.
      for (int step = 0; step < ROOM_STEPS && isAlive(); step++) {
        if (connection.awaitRoom(ROOM_STEP)) {
          return send(stanza);
        }
      }
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
      return false;
    }
    connection.abort(); // nobody reads
    return false;
  }

  private boolean isAlive() {
    lock.lock();
    try {
      return state != State.DEAD && connection.isOpen();
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

  /// Whether it has a resource.
  public boolean isBound() {
    lock.lock();
    try {
      return state == State.BOUND;
    } finally {
      lock.unlock();
    }
  }

  /// Takes back a registration that was not answered: the connection may try again.
  public void withdraw() {
    lock.lock();
    try {
      state = State.DEAD;
    } finally {
      lock.unlock();
    }
    registry.remove(this);
  }

  /// Lets it live: from now on what comes over the connection is handled.
  ///
  /// @param asked what the client asked for while it bound (XEP-0386)
  public void start(Backend backend, List<Element> asked) {
    // Not under the lock: whoever holds something of the backend's may be delivering to us.
    Attachment attached = backend.attach(this, asked);
    boolean died;
    lock.lock();
    try {
      died = state != State.BOUND;
      if (!died) {
        attachment = attached;
      }
    } finally {
      lock.unlock();
    }
    if (died) {
      attached.end(List.of(), EndReason.DISCONNECTED);
    } else {
      connection.onReadable(this::readable);
    }
  }

  /// Ends it. When this returns, the stanza that was in hand is handled and no other will be (rule
  /// 39); a session that ends itself while it handles a stanza ends when that is answered.
  public void end(EndReason reason) {
    Attachment attached;
    lock.lock();
    try {
      boolean handling = Thread.currentThread().equals(handler);
      if (state == State.DEAD) {
        if (!handling) {
          awaitHandler(); // somebody else ends it just now: this end promises the same
        }
        return;
      }
      if (handling) {
        endAfterHandling = endAfterHandling == null ? reason : endAfterHandling;
        return;
      }
      state = State.DEAD;
      attached = attachment;
      awaitHandler();
    } finally {
      lock.unlock();
    }
    registry.remove(this);
    if (attached != null) {
      attached.end(List.of(), reason);
    }
    reason.error().ifPresent(connection::send);
    connection.close();
    afterwards.run();
  }

  private void awaitHandler() {
    long left = TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    try {
      while (handler != null && left > 0) {
        left = handled.awaitNanos(left);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt(); // the session is dead all the same
    }
  }

  /// Something has come. Run by the event loop: must not wait for long, so the work is given away.
  private void readable() {
    lock.lock();
    try {
      if (state == State.DEAD) {
        return;
      }
      if (handler != null) {
        readAgain = true;
        return;
      }
    } finally {
      lock.unlock();
    }
    workers.execute(this::drain);
  }

  private void drain() {
    if (!beginHandling()) {
      return;
    }
    try {
      handleAll();
    } catch (RuntimeException fault) {
      LOG.error("SESSION-9001 fault in the session of device={}", identity.device(), fault);
      end(EndReason.FAULT);
    } finally {
      finishHandling();
    }
  }

  private boolean beginHandling() {
    lock.lock();
    try {
      if (state == State.DEAD || handler != null) {
        return false;
      }
      handler = Thread.currentThread();
      readAgain = false;
      return true;
    } finally {
      lock.unlock();
    }
  }

  private void finishHandling() {
    EndReason due;
    boolean again;
    lock.lock();
    try {
      handler = null;
      handled.signalAll();
      due = endAfterHandling;
      again = readAgain;
    } finally {
      lock.unlock();
    }
    if (due != null) {
      end(due);
    } else if (again) {
      readable();
    }
  }

  private void handleAll() {
    while (isHandling()) {
      Optional<StreamEvent> event = connection.poll();
      if (event.isEmpty()) {
        return;
      }
      lastHeard = registry.now();
      pinged = false;
      handle(event.get());
    }
  }

  private boolean isHandling() {
    lock.lock();
    try {
      return state == State.BOUND && endAfterHandling == null;
    } finally {
      lock.unlock();
    }
  }

  private void handle(StreamEvent event) {
    switch (event) {
      case StreamEvent.Received(Element element) -> handle(element);
      case StreamEvent.Closed _ -> end(EndReason.CLOSED);
      case StreamEvent.Disconnected _ -> end(EndReason.DISCONNECTED);
      case StreamEvent.Opened _ ->
          refuse(StreamCondition.BAD_FORMAT.word(), "a stream header in a session");
      case StreamEvent.Refused(String condition, String rule) -> refuse(condition, rule);
    }
  }

  private void refuse(String condition, String rule) {
    registry.log().streamRefused(connection.peer(), condition, rule);
    send(StreamCondition.error(condition, Optional.empty()));
    end(EndReason.CLOSED);
  }

  private void handle(Element element) {
    if (!Stanzas.isStanza(element)) {
      if (attachment().handleOther(element)) {
        return;
      }
      // XEP-0388 §3.1: once authenticated, a further attempt is a stream error.
      boolean signsIn =
          element.namespace().equals(Namespaces.SASL)
              || element.namespace().equals(Namespaces.SASL2);
      refuse(
          (signsIn ? StreamCondition.POLICY_VIOLATION : StreamCondition.UNSUPPORTED_STANZA_TYPE)
              .word(),
          signsIn ? "sign-in in a session" : "neither message, presence nor iq");
      return;
    }
    for (Node node : element.nodes()) {
      if (node instanceof Element child && child.namespace().equals(Namespaces.LATCHKEY_EVENTS)) {
        return; // rule 37: only the server tells of credentials
      }
    }
    Element stanza = element.with("from", jid().toString());
    attachment().handle(stanza);
  }

  private Attachment attachment() {
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

  /// When the client was last heard.
  Instant lastHeard() {
    return lastHeard;
  }

  /// Asks a silent client whether it is still there; once until it is heard again.
  ///
  /// @return whether it was asked before
  boolean pingOnce() {
    if (pinged) {
      return true;
    }
    pinged = true;
    send(
        Element.named("iq", Namespaces.CLIENT)
            .attribute("type", "get")
            .attribute("id", "alive")
            .attribute("from", identity.jid().domain().name())
            .child("ping", Namespaces.PING)
            .build());
    return false;
  }

  @Override
  public String toString() {
    return "Session[" + identity.device() + "]";
  }
}
