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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
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
/// [ClientException] that ended the connection once it has ended.
public final class LatchkeyClient implements AutoCloseable {
  /// So long nothing may come before we ask whether the server is still there.
  private static final Duration SILENCE = Duration.ofMinutes(2);

  private static final Duration CLOSING = Duration.ofSeconds(4);

  /// A request that waits for its answer.
  ///
  /// @param to whom it was sent to
  private record Asked(Optional<Jid> to, CompletableFuture<Element> answer) {}

  private final ClientStream stream;
  private final WhoAmI identity;
  private final ClientEnvironment environment;
  private final Optional<DeviceHome> home;
  private final ReentrantLock catchingUp = new ReentrantLock();
  private volatile Optional<CatchUp> catchUp = Optional.empty();
  private final Inbox inbox = new Inbox();
  private final ConcurrentMap<String, Asked> requests = new ConcurrentHashMap<>();
  private final Thread reader;

  private LatchkeyClient(
      ClientStream stream,
      WhoAmI identity,
      Optional<DeviceHome> home,
      ClientEnvironment environment) {
    this.stream = stream;
    this.identity = identity;
    this.home = home;
    this.environment = environment;
    this.reader = Thread.ofVirtual().name("latchkey-client-reader").unstarted(this::read);
  }

  /// A client over a stream that is signed in and bound.
  ///
  /// @param home the device's, if one signed in
  static LatchkeyClient over(
      ClientStream stream,
      WhoAmI identity,
      Optional<DeviceHome> home,
      ClientEnvironment environment) {
    LatchkeyClient client = new LatchkeyClient(stream, identity, home, environment);
    client.reader.start();
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

  /// Our full JID.
  public Jid jid() {
    return identity.jid();
  }

  /// As whom we are signed in.
  public WhoAmI whoami() {
    return identity;
  }

  /// Whether the connection stands.
  public boolean isConnected() {
    return inbox.ended().isEmpty();
  }

  /// Tells the server that this device takes messages (RFC 6121 §4.2).
  public void goOnline() {
    send(Element.empty("presence", Namespaces.CLIENT));
  }

  /// Tells the server that it does not any more.
  public void goOffline() {
    send(Element.named("presence", Namespaces.CLIENT).attribute("type", "unavailable").build());
  }

  /// Sends a chat message.
  ///
  /// @return its id. That the server has it, [#ping] tells
  @CanIgnoreReturnValue
  public String send(Jid to, String text) {
    String id = drawId();
    send(
        Element.named("message", Namespaces.CLIENT)
            .attribute("to", to.toString())
            .attribute("type", "chat")
            .attribute("id", id)
            .child(Element.text("body", Namespaces.CLIENT, text))
            .build());
    return id;
  }

  /// Sends any stanza.
  public void send(Element stanza) {
    refuseAfterEnd();
    stream.send(stanza);
  }

  /// From now on [#receive] first gives what came for this device while it was away: what stands in
  /// the account's archive (XEP-0313) behind the last message that was [#shown], or, before the
  /// first, since the device was enrolled. It comes with [Message#delayed] and the time at which it
  /// was kept, without what the account itself sent to others; then comes what is live, none twice.
  ///
  /// A client that binds by XEP-0386, as this one does, is not sent what waits in the archive: who
  /// wants to miss nothing says this once, best before [#goOnline]. Pages are asked for as messages
  /// are taken, so a long absence needs no memory. A server without an archive has nothing to catch
  /// up on.
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
            Optional.of(new CatchUp(jid(), device.archivePosition(), device::archivePosition));
        inbox.discard(message -> message.archived().isPresent()); // the archive gives them
      }
    } finally {
      catchingUp.unlock();
    }
  }

  /// Says that a message, and all that came before it, has been dealt with: the next [#catchUp] of
  /// this device begins behind it. Without this a message is given again; so nothing is lost when a
  /// program dies while it works on one. Does nothing on a client that does not catch up, and for a
  /// message that is in no archive.
  public void shown(Message message) {
    catchUp.ifPresent(missing -> missing.shown(message));
  }

  /// Waits for a message.
  ///
  /// @param patience how long for one that comes live; what [#catchUp] asks for takes as long as
  ///   any request
  /// @return nothing if none came within that time
  public Optional<Message> receive(Duration patience) {
    try {
      Optional<CatchUp> missing = catchUp;
      Optional<Message> message = missing.isPresent() ? missed(missing.get()) : Optional.empty();
      if (message.isEmpty()) {
        message = inbox.take(patience);
      }
      if (missing.isPresent()) {
        message.ifPresent(missing.get()::gave);
      }
      return message;
    } catch (InterruptedException interrupted) {
      throw interrupted(interrupted);
    }
  }

  /// The next message that was missed; nothing once there are no more.
  private Optional<Message> missed(CatchUp missing) throws InterruptedException {
    catchingUp.lockInterruptibly();
    try {
      while (true) {
        Optional<Message> next = missing.next();
        if (next.isPresent() || missing.isComplete()) {
          return next;
        }
        // What is in no archive need not wait, and must not fill the inbox meanwhile.
        Optional<Message> live = inbox.poll(message -> message.archived().isEmpty());
        if (live.isPresent()) {
          return live;
        }
        page(missing);
      }
    } finally {
      catchingUp.unlock();
    }
  }

  private void page(CatchUp missing) {
    try {
      missing.answered(request(set(missing.ask(drawId()))));
      if (missing.isComplete()) {
        // Read just before this began: it stood in a page.
        inbox.discard(message -> message.archived().isPresent());
      }
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
  }

  /// Asks and waits for the answer.
  ///
  /// @param iq a `get` or a `set`; its id is drawn if it has none
  /// @return the result
  /// @throws StanzaErrorException if the answer is an error
  @CanIgnoreReturnValue
  public Element request(Element iq) {
    String id = iq.attribute("id").orElseGet(this::drawId);
    Asked asked = new Asked(iq.attribute("to").flatMap(Jid::tryParse), new CompletableFuture<>());
    if (requests.putIfAbsent(id, asked) != null) {
      throw new ClientException("a request with the id " + id + " waits for its answer already");
    }
    try {
      send(iq.with("id", id));
      Element answer = asked.answer().get(environment.patience().toMillis(), TimeUnit.MILLISECONDS);
      if (answer.attribute("type").equals(Optional.of("error"))) {
        throw StanzaErrorException.of(answer);
      }
      return answer;
    } catch (TimeoutException late) {
      throw new ConnectionLostException(
          "%s did not answer within %d seconds"
              .formatted(
                  asked.to().map(Jid::toString).orElse(identity.jid().domain().name()),
                  environment.patience().toSeconds()),
          late);
    } catch (ExecutionException ended) {
      throw inbox.ended().orElseGet(() -> new ClientException("the request broke", ended));
    } catch (InterruptedException interrupted) {
      throw interrupted(interrupted);
    } finally {
      requests.remove(id);
    }
  }

  /// Asks the server whether it is there. As a server handles what it gets in order, everything
  /// that was sent before has been handled when this returns.
  public void ping() {
    request(get(Element.empty("ping", Namespaces.PING)));
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

  /// Waits until the connection has ended.
  ///
  /// @return why; nothing if it still stands after that time
  public Optional<ClientException> awaitEnd(Duration patience) {
    try {
      return inbox.awaitEnd(patience);
    } catch (InterruptedException interrupted) {
      throw interrupted(interrupted);
    }
  }

  /// Ends the stream and closes the connection.
  @Override
  public void close() {
    end(new ClientException("this client was closed"));
    stream.connection().close();
    try {
      // The reader ends when the socket is closed: until then what was sent is on its way.
      if (!reader.join(CLOSING)) {
        stream.connection().abort();
      }
    } catch (InterruptedException interrupted) {
      stream.connection().abort();
      Thread.currentThread().interrupt();
    }
  }

  private void read() {
    try {
      boolean asked = false;
      while (true) {
        Optional<Element> stanza = stream.next(asked ? environment.patience() : SILENCE);
        if (stanza.isPresent()) {
          asked = false;
          handle(stanza.get());
        } else if (asked) {
          throw new ConnectionLostException(
              identity.jid().domain() + ": the server is silent; the connection is given up");
        } else {
          asked = true;
          stream.send(get(Element.empty("ping", Namespaces.PING)).with("id", drawId()));
        }
      }
    } catch (ClientException ended) {
      end(ended);
    } catch (InterruptedException _) {
      // Nobody but us knows this thread; it ends either way.
    } finally {
      end(new ConnectionLostException("the connection ended"));
      stream.close();
    }
  }

  private void handle(Element stanza) throws InterruptedException {
    if (stanza.is("message", Namespaces.CLIENT)) {
      Optional<String> archived = CatchUp.archived(stanza, jid().bare());
      Optional<Message> message =
          Message.read(stanza, environment.clock().instant())
              .map(read -> archived.map(read::archivedAs).orElse(read));
      boolean taken = catchUp.filter(missing -> missing.takes(stanza, message)).isPresent();
      if (message.isPresent() && !taken) {
        inbox.put(message.get());
      }
    } else if (stanza.is("iq", Namespaces.CLIENT)) {
      switch (stanza.attribute("type").orElse("")) {
        case "result", "error" -> answered(stanza);
        case "get", "set" -> answer(stanza);
        default -> {
          // RFC 6120 §8.2.3: no other type; nobody waits for it.
        }
      }
    }
  }

  private void answered(Element stanza) {
    Asked asked = requests.get(stanza.attribute("id").orElse(""));
    // RFC 6120 §8.1.2.1: an answer counts only if it comes from whom was asked.
    if (asked != null && isFrom(stanza, asked.to())) {
      asked.answer().complete(stanza);
    }
  }

  private boolean isFrom(Element stanza, Optional<Jid> asked) {
    Optional<String> from = stanza.attribute("from");
    Jid account = jid().bare();
    if (asked.isPresent() && !asked.get().equals(account)) {
      return from.flatMap(Jid::tryParse).equals(asked);
    }
    return from.isEmpty()
        || from.flatMap(Jid::tryParse)
            .filter(
                jid ->
                    jid.equals(account)
                        || jid.equals(jid())
                        || jid.equals(Jid.of(account.domain())))
            .isPresent();
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
    stream.send(answer.build());
  }

  private void end(ClientException why) {
    inbox.end(why);
    requests.values().forEach(asked -> asked.answer().completeExceptionally(why));
  }

  private void refuseAfterEnd() {
    Optional<ClientException> ended = inbox.ended();
    if (ended.isPresent()) {
      throw ended.get();
    }
  }

  private AccountJid account() {
    return jid().account().orElseThrow();
  }

  private String drawId() {
    return Bytes.random(10, environment.random()).toHex();
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
