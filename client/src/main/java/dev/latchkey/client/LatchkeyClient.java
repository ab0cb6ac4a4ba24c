// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.DeviceId;
import dev.latchkey.credential.Jid;
import dev.latchkey.credential.Resource;
import dev.latchkey.credential.Secret;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;

/// A device that is signed in.
///
/// ```java
/// try (LatchkeyClient client = LatchkeyClient.open(DeviceHome.at(folder)).connect()) {
///   client.goOnline();
///   client.send(Jid.parse("nina@chat.example"), "hello");
///   client.receive(Duration.ofMinutes(1)).ifPresent(message -> print(message.body()));
/// }
/// ```
///
/// Thread-safe. One virtual thread reads what comes: messages wait until [#receive] takes them (up
/// to a thousand; then nothing more is read, answers to requests neither, until some are taken),
/// answers go to who asked, requests of others are answered by the kit. Every method throws the
/// [ClientException] that ended the client once it has ended: with its connection, or, if it stays
/// ([SignIn#stay]), when coming back would not help.
///
/// What a client that stays sends while it has no connection is kept until it has one again, at
/// most a thousand stanzas or 256 KiB; then sending waits, and fails when it waited long.
public final class LatchkeyClient implements AutoCloseable {
  /// So often in a row a server may ask to wait with a page of the archive; then who wants messages
  /// hears of it.
  static final int MOST_REFUSALS = 6;

  private final Line line;
  private final ClientEnvironment environment;
  private final Optional<DeviceHome> home;
  private final ReentrantLock catchingUp = new ReentrantLock();
  private volatile Optional<CatchUp> catchUp = Optional.empty();
  private final Inbox inbox = new Inbox();
  private final Requests requests = new Requests();

  private LatchkeyClient(Line line, Optional<DeviceHome> home, ClientEnvironment environment) {
    this.line = line;
    this.home = home;
    this.environment = environment;
  }

  /// A client over a line that is signed in and bound.
  ///
  /// @param home the device's, if one signed in
  static LatchkeyClient over(Line line, Optional<DeviceHome> home, ClientEnvironment environment) {
    LatchkeyClient client = new LatchkeyClient(line, home, environment);
    line.start(client.new Reception());
    return client;
  }

  /// How to sign in as the device that lives in this home.
  ///
  /// @throws ClientException if none does
  public static SignIn open(DeviceHome home) {
    return SignIn.ofDevice(home);
  }

  /// How to sign in with a device password, for tests and for machines without a home.
  public static SignIn withPassword(AccountJid account, Secret password) {
    return SignIn.ofPassword(account, password);
  }

  /// Enrols a device by an invitation, see [Enrolment].
  ///
  /// @param name what people will call it
  @CanIgnoreReturnValue
  public static EnrolledDevice enrol(LoginUri uri, String name, DeviceHome home) {
    return new Enrolment(uri, home).name(name).run();
  }

  /// Our full JID. A client that stays may get another one with a new session.
  public Jid jid() {
    return whoami().jid();
  }

  /// As whom we are signed in.
  public WhoAmI whoami() {
    return line.identity();
  }

  /// Whether a connection stands.
  public boolean isConnected() {
    return line.stands();
  }

  /// Tells the server that this device takes messages (RFC 6121 §4.2). A client that stays tells it
  /// again in each new session.
  public void goOnline() {
    send(Element.empty("presence", Namespaces.CLIENT));
  }

  /// Tells the server that it does not any more.
  public void goOffline() {
    send(Element.named("presence", Namespaces.CLIENT).attribute("type", "unavailable").build());
  }

  /// Sends a chat message.
  ///
  /// @return its id. Whether the server has it, [#deliver] would tell
  @CanIgnoreReturnValue
  public String send(Jid to, String text) {
    String id = drawId();
    send(chat(to, text, id));
    return id;
  }

  /// Sends any stanza.
  public void send(Element stanza) {
    line.send(stanza);
  }

  /// Sends a chat message and waits until it is known what became of it: until the server has
  /// acknowledged it (XEP-0198), or, if it does not do so, has answered a ping behind it.
  ///
  /// @param patience how long to wait; a message that could not even be written by then is taken
  ///   back
  /// @throws ClientException if the client has ended, or too much else is on its way; then it was
  ///   not sent
  public Delivery deliver(Jid to, String text, Duration patience) {
    String id = drawId();
    Outgoing message = line.send(chat(to, text, id));
    try {
      Optional<Delivery.Known> known = message.await(patience);
      if (known.isEmpty()) {
        return new Delivery(
            id, line.withdraw(message) ? Delivery.Known.NOT_SENT : Delivery.Known.UNKNOWN);
      }
      return new Delivery(
          id,
          known.get() == Delivery.Known.UNKNOWN && isPassed(message)
              ? Delivery.Known.ARRIVED
              : known.get());
    } catch (InterruptedException interrupted) {
      throw interrupted(interrupted);
    }
  }

  /// Whether the server answers what was sent behind a stanza in the same session.
  private boolean isPassed(Outgoing stanza) {
    if (!isConnected()) {
      return false;
    }
    try {
      String id = drawId();
      try (Requests.Asked asked = requests.asking(id, Optional.empty())) {
        Outgoing ping = line.send(pingRequest().with("id", id));
        asked.sent(ping);
        asked.await(environment.patience());
        return ping.session() == stanza.session();
      }
    } catch (ClientException | TimeoutException notKnown) {
      return false;
    } catch (InterruptedException interrupted) {
      throw interrupted(interrupted);
    }
  }

  private static Element chat(Jid to, String text, String id) {
    return Element.named("message", Namespaces.CLIENT)
        .attribute("to", to.toString())
        .attribute("type", "chat")
        .attribute("id", id)
        .child(Element.text("body", Namespaces.CLIENT, text))
        .build();
  }

  /// From now on [#receive] first gives what came for this device while it was away: what stands in
  /// the account's archive (XEP-0313) behind the last message that was [#shown], or, before the
  /// first, since the device was enrolled. It comes with [Message#delayed] and the time at which it
  /// was kept, without what the account itself sent to others; then comes what is live, none twice.
  ///
  /// A client that binds by XEP-0386, as this one does, is not sent what waits in the archive: who
  /// wants to miss nothing says this once, best before [#goOnline]. Pages are asked for as messages
  /// are taken, so a long absence needs no memory. A server that asks to wait is asked again, a few
  /// times, after a pause. A server without an archive has nothing to catch up on.
  ///
  /// @throws ClientException if this client signed in without a device's home, where its place in
  ///   the archive is kept
  public void catchUp() {
    DeviceHome device =
        home.orElseThrow(
            () ->
                new ClientException(
                    "only a device with a home can catch up: a password has no place to keep how"
                        + " far it has read"));
    catchingUp.lock();
    try {
      if (catchUp.isEmpty()) {
        catchUp =
            Optional.of(
                new CatchUp(jid(), device.archivePosition(), position -> keep(device, position)));
        inbox.discard(message -> message.archived().isPresent()); // the archive gives them
      }
    } finally {
      catchingUp.unlock();
    }
  }

  private void keep(DeviceHome device, ArchivePosition position) {
    try {
      device.archivePosition(position);
    } catch (ClientException unwritable) {
      if (!line.stays()) {
        throw unwritable;
      }
      line.tell(new ConnectionEvent.HomeUnwritable(unwritable));
    }
  }

  /// Says that a message, and all that came before it, has been dealt with: the next [#catchUp] of
  /// this device begins behind it. Without this a message is given again; so nothing is lost when a
  /// program dies while it works on one. Does nothing on a client that does not catch up, and for a
  /// message that is in no archive.
  ///
  /// @throws ClientException if the home cannot be written; a client that stays tells that
  ///   ([ConnectionEvent.HomeUnwritable]) and goes on
  public void shown(Message message) {
    catchUp.ifPresent(missing -> missing.shown(message));
  }

  /// Waits for a message.
  ///
  /// @param patience how long for one that comes live; what [#catchUp] asks for takes as long as
  ///   any request
  /// @return nothing if none came within that time
  public Optional<Message> receive(Duration patience) {
    long begun = System.nanoTime();
    try {
      while (true) {
        Optional<CatchUp> missing = catchUp;
        Optional<Message> message = missing.isPresent() ? missed(missing.get()) : Optional.empty();
        Duration left = patience.minusNanos(System.nanoTime() - begun);
        if (message.isEmpty()) {
          message = inbox.take(left, this::misses);
        }
        if (missing.isPresent()) {
          message.ifPresent(missing.get()::gave);
        }
        if (message.isPresent() || !misses() || left.isNegative()) {
          return message;
        }
      }
    } catch (InterruptedException interrupted) {
      throw interrupted(interrupted);
    }
  }

  private boolean misses() {
    return catchUp.filter(missing -> !missing.isComplete()).isPresent();
  }

  /// The next message that was missed; nothing once there are no more, or while they cannot be
  /// asked for.
  private Optional<Message> missed(CatchUp missing) throws InterruptedException {
    catchingUp.lockInterruptibly();
    try {
      Backoff backoff = new Backoff(environment.random());
      int refusals = 0;
      while (true) {
        Optional<Message> next = missing.next();
        if (next.isPresent() || missing.isComplete()) {
          return next;
        }
        // What is in no archive need not wait, and must not fill the inbox meanwhile.
        Optional<Message> live =
            inbox.poll(message -> missing.isAgain() || message.archived().isEmpty());
        if (live.isPresent()) {
          return live;
        }
        try {
          page(missing);
        } catch (ConnectionLostException lost) {
          if (!line.stays() || inbox.ended().isPresent()) {
            throw lost;
          }
          return Optional.empty(); // asked for again when there is a connection
        } catch (StanzaErrorException refused) {
          // A page that was cut is no page (XEP-0313 §4): it is asked for again, behind what we
          // had.
          if (!Attempts.canHelpAfter(refused) || ++refusals == MOST_REFUSALS) {
            throw refused;
          }
          environment.pause().last(backoff.next());
        }
      }
    } finally {
      catchingUp.unlock();
    }
  }

  private void page(CatchUp missing) {
    try {
      String queryId = drawId();
      Element answer = request(set(missing.ask(queryId)));
      if (!missing.isAgain()) {
        // Read just before this began: it stands in a page. Not after the last page has counted:
        // what is in the inbox then came live behind it.
        inbox.discard(message -> message.archived().isPresent());
      }
      missing.answered(queryId, answer);
    } catch (StanzaErrorException refused) {
      switch (refused.condition()) {
        case "item-not-found" -> {
          if (!missing.startsOver()) {
            throw refused;
          }
        }
        case "service-unavailable", "feature-not-implemented" -> missing.endWithoutArchive();
        default -> throw refused;
      }
    }
    if (missing.isComplete()) {
      line.tell(new ConnectionEvent.CaughtUp());
    }
  }

  /// Asks and waits for the answer.
  ///
  /// @param iq a `get` or a `set`; its id is drawn if it has none
  /// @return the result
  /// @throws StanzaErrorException if the answer is an error
  /// @throws ConnectionLostException if none came in time, or none can come any more because the
  ///   session it was asked in has ended
  @CanIgnoreReturnValue
  public Element request(Element iq) {
    String id = iq.attribute("id").orElseGet(this::drawId);
    Optional<Jid> to = iq.attribute("to").flatMap(Jid::tryParse);
    try (Requests.Asked asked = requests.asking(id, to)) {
      Outgoing sent = line.send(iq.with("id", id));
      asked.sent(sent);
      try {
        Element answer = asked.await(environment.patience());
        if (answer.attribute("type").equals(Optional.of("error"))) {
          throw StanzaErrorException.of(answer);
        }
        return answer;
      } finally {
        line.withdraw(sent);
      }
    } catch (TimeoutException late) {
      throw new ConnectionLostException(
          "%s did not answer within %d seconds"
              .formatted(
                  to.map(Jid::toString).orElse(jid().domain().name()),
                  environment.patience().toSeconds()),
          late);
    } catch (InterruptedException interrupted) {
      throw interrupted(interrupted);
    }
  }

  /// Asks the server whether it is there. As a server handles what it gets in order, everything
  /// that was sent before has been handled when this returns.
  public void ping() {
    request(pingRequest());
  }

  /// The devices of the own account (XEP-0494).
  public List<ListedDevice> listDevices() {
    return request(get(Element.empty("list", Namespaces.CLIENT_ACCESS)))
        .children("clients", Namespaces.CLIENT_ACCESS)
        .flatMap(clients -> clients.children("client", Namespaces.CLIENT_ACCESS))
        .flatMap(client -> ListedDevice.read(client).stream())
        .toList();
  }

  /// Makes a one-time code for one more device of the own account (30.C). Needs the permission
  /// `enroll`.
  public IssuedCode addDevice(CodeOrder order) {
    Element issue =
        Element.named("issue", Namespaces.LATCHKEY_ONE_TIME)
            .attribute("for", order.forBot() ? "bot" : "own")
            .attribute("name", order.name())
            .attribute("resource", order.resource().map(Resource::name))
            .attribute("ttl", order.ttl().map(ttl -> Long.toString(ttl.toSeconds())))
            .build();
    Element issued =
        request(set(issue))
            .child("issued", Namespaces.LATCHKEY_ONE_TIME)
            .orElseThrow(() -> new ClientException("the server's answer holds no code"));
    LoginUri uri =
        LoginUri.parse(
            issued
                .attribute("uri")
                .orElseThrow(() -> new ClientException("the server's answer holds no invitation")));
    if (!uri.account().jid().equals(jid().bare())) {
      throw Identities.another(uri.account().toString(), account());
    }
    return new IssuedCode(
        new CredentialId(issued.attribute("id").orElse("")),
        issued.attribute("expires").flatMap(Message::instant),
        uri);
  }

  /// Revokes a device of the own account, for good. Others than the own one need the permission
  /// `manage`.
  ///
  /// @param cascade also those that it enrolled
  /// @param reason for the account's record; may be empty
  /// @return the devices that are revoked
  @CanIgnoreReturnValue
  public List<DeviceId> revoke(DeviceId device, boolean cascade, String reason) {
    Element.Builder revoke =
        Element.named("revoke", Namespaces.LATCHKEY_PERMISSIONS)
            .attribute("id", device.value())
            .attribute("cascade", cascade ? Optional.of("true") : Optional.empty());
    if (!reason.isEmpty()) {
      revoke.child(Element.text("reason", Namespaces.LATCHKEY_PERMISSIONS, reason));
    }
    return request(set(revoke.build()))
        .children("revoked", Namespaces.LATCHKEY_PERMISSIONS)
        .flatMap(revoked -> revoked.children("device", Namespaces.LATCHKEY_PERMISSIONS))
        .flatMap(element -> element.attribute("id").stream())
        .map(DeviceId::new)
        .toList();
  }

  /// Waits until the client has ended.
  ///
  /// @return why; nothing if it still stands after that time
  public Optional<ClientException> awaitEnd(Duration patience) {
    try {
      return inbox.awaitEnd(patience);
    } catch (InterruptedException interrupted) {
      throw interrupted(interrupted);
    }
  }

  /// Ends the stream, and with it the session, and closes the connection.
  @Override
  public void close() {
    line.close();
  }

  /// What comes over the line.
  private final class Reception implements Line.Receiver {
    @Override
    public void take(Element stanza) throws InterruptedException {
      if (stanza.is("message", Namespaces.CLIENT)) {
        message(stanza);
      } else if (stanza.is("iq", Namespaces.CLIENT)) {
        switch (stanza.attribute("type").orElse("")) {
          case "result", "error" -> requests.answered(stanza, jid());
          case "get", "set" -> answer(stanza);
          default -> {
            // RFC 6120 §8.2.3: no other type; nobody waits for it.
          }
        }
      }
    }

    @Override
    public void renewed(int session) {
      catchUp.ifPresent(missing -> missing.restart(jid()));
      requests.renewed(session);
      inbox.nudge();
    }

    @Override
    public void ended(ClientException why) {
      inbox.end(why);
      requests.end(why);
    }

    private void message(Element stanza) throws InterruptedException {
      Optional<String> archived = CatchUp.archived(stanza, jid().bare());
      Optional<Message> message =
          Message.read(stanza, environment.clock().instant())
              .map(read -> archived.map(read::archivedAs).orElse(read));
      boolean taken = catchUp.filter(missing -> missing.takes(stanza, message)).isPresent();
      if (message.isPresent() && !taken) {
        inbox.put(message.get());
      }
    }

    private void answer(Element iq) {
      Element.Builder answer =
          Element.named("iq", Namespaces.CLIENT)
              .attribute("id", iq.attribute("id"))
              .attribute("to", iq.attribute("from"));
      boolean ping =
          iq.attribute("type").equals(Optional.of("get"))
              && iq.child("ping", Namespaces.PING).isPresent();
      if (ping) {
        answer.attribute("type", "result");
      } else {
        answer
            .attribute("type", "error")
            .child(
                Element.named("error", Namespaces.CLIENT)
                    .attribute("type", "cancel")
                    .child("service-unavailable", Namespaces.STANZA_ERRORS)
                    .build());
      }
      line.answer(answer.build());
    }
  }

  private AccountJid account() {
    return jid().account().orElseThrow();
  }

  private String drawId() {
    return Bytes.random(10, environment.random()).toHex();
  }

  private static Element pingRequest() {
    return get(Element.empty("ping", Namespaces.PING));
  }

  private static Element get(Element payload) {
    return Element.named("iq", Namespaces.CLIENT).attribute("type", "get").child(payload).build();
  }

  private static Element set(Element payload) {
    return Element.named("iq", Namespaces.CLIENT).attribute("type", "set").child(payload).build();
  }

  private static ClientException interrupted(InterruptedException cause) {
    Thread.currentThread().interrupt();
    return new ClientException("interrupted while waiting", cause);
  }
}
