// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.backend;

import dev.latchkey.chat.AccountDirectory;
import dev.latchkey.chat.blocking.InMemoryBlockStore;
import dev.latchkey.chat.eventing.ForwardingNodeStore;
import dev.latchkey.chat.eventing.InMemoryNodeStore;
import dev.latchkey.chat.eventing.NodeStore;
import dev.latchkey.chat.history.InMemoryMessageStore;
import dev.latchkey.chat.history.KeptId;
import dev.latchkey.chat.history.OfflineMessage;
import dev.latchkey.chat.history.Room;
import dev.latchkey.chat.roster.InMemoryRosterStore;
import dev.latchkey.chat.storage.InMemoryPrivateStore;
import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.DeviceId;
import dev.latchkey.credential.Domain;
import dev.latchkey.credential.Jid;
import dev.latchkey.credential.Resource;
import dev.latchkey.testkit.ManualClock;
import dev.latchkey.testkit.SeededRandom;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import dev.latchkey.wire.framing.WrittenElement;
import dev.latchkey.xmpp.session.Attachment;
import dev.latchkey.xmpp.session.ClientSide;
import dev.latchkey.xmpp.session.EndReason;
import dev.latchkey.xmpp.session.Receipt;
import dev.latchkey.xmpp.session.SessionIdentity;
import dev.latchkey.xmpp.session.Undelivered;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/// The embedded chat domain without sockets: what clients say, as XML, and what they hear.
final class ChatDomain implements AccountDirectory {
  static final Domain DOMAIN = new Domain("localhost");
  static final int MOST_OFFLINE = 20;

  /// How many octets of messages wait for one account.
  static final int MOST_OCTETS = 20_000;

  private static final Room ROOM = new Room(MOST_OFFLINE, MOST_OCTETS, 1 << 20);

  final ManualClock clock = new ManualClock();

  /// After somebody looked for what waits, and nothing did.
  final Meanwhile afterReadingNothing = new Meanwhile();

  /// Before it is noted that an archived message has not arrived.
  final Meanwhile beforeItWaits = new Meanwhile();

  final InMemoryMessageStore messages =
      new InMemoryMessageStore(new SeededRandom(5)) {
        @Override
        public synchronized List<OfflineMessage> offline(
            AccountId account, Optional<KeptId> after, int most) {
          List<OfflineMessage> waiting = super.offline(account, after, most);
          if (waiting.isEmpty()) {
            afterReadingNothing.here();
          }
          return waiting;
        }

        @Override
        public synchronized boolean undelivered(AccountId account, KeptId message, Room room) {
          beforeItWaits.here();
          return super.undelivered(account, message, room);
        }
      };
  final InMemoryRosterStore rosters = new InMemoryRosterStore();
  final FaultyRosters faultyRosters = new FaultyRosters(rosters);

  /// What a crash left of accounts that are deleted.
  final Map<AccountId, AccountJid> leftovers = new LinkedHashMap<>();

  /// After the last items of contacts were read, and before they are shown.
  final Meanwhile afterReadingItems = new Meanwhile();

  final NodeStore nodes =
      new ForwardingNodeStore(new InMemoryNodeStore()) {
        @Override
        public Map<AccountId, List<Last>> lastItems(
            Collection<AccountId> accounts, Set<String> names, Jid person) {
          Map<AccountId, List<Last>> last = super.lastItems(accounts, names, person);
          afterReadingItems.here();
          return last;
        }
      };

  final EmbeddedBackend backend;
  private final SeededRandom random = new SeededRandom(3);
  private final Map<AccountJid, AccountId> accounts = new LinkedHashMap<>();

  /// Who was deleted and may still be somebody's contact.
  private final Set<AccountId> known = new HashSet<>();

  ChatDomain(String... names) {
    for (String name : names) {
      accounts.put(new AccountJid(name, DOMAIN), AccountId.draw(random));
    }
    backend =
        new EmbeddedBackend(
            Set.of(DOMAIN),
            new ChatStores(
                this,
                faultyRosters,
                new InMemoryBlockStore(),
                messages,
                nodes,
                new InMemoryPrivateStore()),
            new DomainServices(
                "1",
                Map.of(),
                Map.of(DOMAIN, Map.of("admin", List.of("mailto:admin@chat.example"))),
                clock),
            ROOM,
            clock,
            random,
            Runnable::run);
  }

  /// A client that is bound and has said nothing yet.
  Client connect(String name, String resource, Element... asked) {
    return new Client(
        new AccountJid(name, DOMAIN),
        new Resource(resource),
        client -> backend.attach(client, List.of(asked)));
  }

  /// What a client's session is after the server was stopped and started, while its client is away.
  Client afterARestart(Client before) {
    Element place = xml(before.attachment.place().toXml());
    return new Client(
        before.account,
        before.jid.resource().orElseThrow(),
        client -> backend.revive(client, place));
  }

  /// A client that is available and has its roster.
  Client online(String name, String resource) {
    Client client = connect(name, resource);
    client.ask("<iq type='get' id='roster'><query xmlns='jabber:iq:roster'/></iq>");
    client.says("<presence/>");
    client.heard.clear();
    return client;
  }

  /// Both see each other.
  void befriend(Client one, Client other) {
    one.says("<presence type='subscribe' to='%s'/>".formatted(other.bare()));
    other.says("<presence type='subscribed' to='%s'/>".formatted(one.bare()));
    other.says("<presence type='subscribe' to='%s'/>".formatted(one.bare()));
    one.says("<presence type='subscribed' to='%s'/>".formatted(other.bare()));
    one.heard.clear();
    other.heard.clear();
  }

  AccountId id(String name) {
    return java.util.Objects.requireNonNull(accounts.get(new AccountJid(name, DOMAIN)));
  }

  /// The name is given to somebody new.
  void giveAway(String name) {
    delete(name);
    accounts.put(new AccountJid(name, DOMAIN), AccountId.draw(random));
  }

  /// The same, before anybody has forgotten the old one.
  ///
  /// @return who that was
  AccountId giveAwayAtOnce(String name) {
    AccountId old = remove(name);
    accounts.put(new AccountJid(name, DOMAIN), AccountId.draw(random));
    return old;
  }

  void delete(String name) {
    backend.forget(remove(name), new AccountJid(name, DOMAIN));
  }

  private AccountId remove(String name) {
    AccountId id = id(name);
    accounts.remove(new AccountJid(name, DOMAIN));
    known.add(id);
    return id;
  }

  static Element xml(String text) {
    return new WrittenElement().read(text);
  }

  @Override
  public Optional<AccountId> find(AccountJid jid) {
    return Optional.ofNullable(accounts.get(jid));
  }

  @Override
  public Map<AccountJid, AccountId> find(Collection<AccountJid> jids) {
    Map<AccountJid, AccountId> found = new HashMap<>();
    jids.forEach(jid -> find(jid).ifPresent(id -> found.put(jid, id)));
    return found;
  }

  @Override
  public Optional<AccountJid> address(AccountId account) {
    return accounts.entrySet().stream()
        .filter(entry -> entry.getValue().equals(account))
        .map(Map.Entry::getKey)
        .findAny();
  }

  @Override
  public Map<AccountId, AccountJid> leftovers() {
    return Map.copyOf(leftovers);
  }

  @Override
  public boolean isKnown(AccountId deleted) {
    return known.contains(deleted);
  }

  @Override
  public void forgotten(AccountId deleted) {
    known.remove(deleted);
  }

  @Override
  public void cleared(AccountId account) {
    leftovers.remove(account);
  }

  /// One session.
  final class Client implements ClientSide {
    final List<Element> heard = new ArrayList<>();
    private final AccountJid account;
    private final Jid jid;
    private final SessionIdentity identity;
    private final Attachment attachment;

    Client(AccountJid account, Resource resource, Function<ClientSide, Attachment> attached) {
      this.account = account;
      this.jid = account.with(resource);
      this.identity =
          new SessionIdentity(
              find(account).orElseThrow(),
              account,
              DeviceId.draw(random),
              0,
              Optional.empty(),
              "EXTERNAL");
      this.attachment = attached.apply(this);
    }

    @Override
    public Jid jid() {
      return jid;
    }

    AccountJid bare() {
      return account;
    }

    @Override
    public SessionIdentity identity() {
      return identity;
    }

    @Override
    public boolean deliver(Element stanza) {
      over |= ends;
      if (over) {
        return false;
      }
      heard.add(stanza);
      if (acknowledges) {
        unacknowledged.add(new Undelivered(stanza, Optional.empty()));
      }
      return true;
    }

    /// What it was handed and has not acknowledged.
    private final List<Undelivered> unacknowledged = new ArrayList<>();

    /// Whether it counts stanzas (XEP-0198).
    boolean acknowledges;

    /// Whether it holds all that it may.
    boolean full;

    /// Whether it ends at the moment when it is handed something next.
    boolean ends;

    private boolean over;

    @Override
    public boolean deliver(Element stanza, Receipt receipt) {
      over |= ends;
      if (over) {
        return false;
      }
      heard.add(stanza);
      if (acknowledges) {
        unacknowledged.add(new Undelivered(stanza, Optional.of(receipt)));
      } else {
        attachment.arrived(List.of(receipt));
      }
      return true;
    }

    /// It has all that it was handed.
    void hasEverything() {
      attachment.arrived(unacknowledged());
      unacknowledged.clear();
    }

    /// It is gone for good, with what it never acknowledged.
    void isLost() {
      attachment.end(List.copyOf(unacknowledged), EndReason.UNRESPONSIVE);
      unacknowledged.clear();
    }

    @Override
    public boolean acknowledges() {
      return acknowledges;
    }

    @Override
    public List<Receipt> unacknowledged() {
      return unacknowledged.stream().flatMap(it -> it.receipt().stream()).toList();
    }

    @Override
    public boolean hasRoom() {
      return !full && !over;
    }

    /// Whether its connection is lost, without anybody knowing yet.
    boolean lost;

    /// How many more it takes of what is handed over patiently, before its connection is lost.
    int takes = Integer.MAX_VALUE;

    @Override
    public boolean deliverPatiently(Element stanza, Optional<Receipt> receipt) {
      lost |= takes-- <= 0;
      if (!lost) {
        receipt.ifPresentOrElse(it -> deliver(stanza, it), () -> deliver(stanza));
      }
      return !lost;
    }

    /// Its session goes on over another connection.
    void isBack() {
      lost = false;
      takes = Integer.MAX_VALUE;
      attachment.resumed();
    }

    /// It was full, and has acknowledged enough.
    void hasRoomAgain() {
      full = false;
      attachment.hasRoomAgain();
    }

    void says(String xml) {
      attachment.handle(xml(xml).with("from", jid.toString()));
    }

    boolean saysOther(String xml) {
      return attachment.handleOther(xml(xml));
    }

    void leaves() {
      attachment.end(List.of(), EndReason.CLOSED);
    }

    /// Asks and takes the answer out of what was heard.
    Element ask(String xml) {
      Element request = xml(xml);
      says(xml);
      Element answer =
          heard.stream()
              .filter(stanza -> stanza.name().equals("iq"))
              .filter(stanza -> stanza.attribute("id").equals(request.attribute("id")))
              .filter(stanza -> stanza.attribute("type").filter("set"::equals).isEmpty())
              .findFirst()
              .orElseThrow(() -> new AssertionError("no answer to " + xml));
      heard.remove(answer);
      return answer;
    }

    /// What it heard since it was last asked, of one kind.
    List<Element> takes(String name) {
      List<Element> taken = heard.stream().filter(stanza -> stanza.name().equals(name)).toList();
      heard.removeIf(stanza -> stanza.name().equals(name));
      return taken;
    }

    /// The bodies of the messages it heard since it was last asked, carbon copies marked.
    List<String> takesTexts() {
      return takes("message").stream().map(Client::text).toList();
    }

    /// The bodies of what its account's archive holds, oldest first.
    List<String> archived() {
      ask("<iq type='set' id='q'><query xmlns='urn:xmpp:mam:2'/></iq>");
      return takes("message").stream()
          .flatMap(m -> m.child("result", "urn:xmpp:mam:2").stream())
          .flatMap(r -> r.child("forwarded", "urn:xmpp:forward:0").stream())
          .flatMap(f -> f.child("message", Namespaces.CLIENT).stream())
          .flatMap(m -> m.child("body", Namespaces.CLIENT).stream())
          .map(Element::text)
          .toList();
    }

    private static String text(Element message) {
      Optional<String> body = message.child("body", Namespaces.CLIENT).map(Element::text);
      if (body.isPresent()) {
        return body.get();
      }
      for (String direction : List.of("sent", "received")) {
        Optional<String> copied =
            message
                .child(direction, "urn:xmpp:carbons:2")
                .flatMap(it -> it.child("forwarded", "urn:xmpp:forward:0"))
                .flatMap(it -> it.child("message", Namespaces.CLIENT))
                .flatMap(it -> it.child("body", Namespaces.CLIENT))
                .map(body1 -> direction + ": " + body1.text());
        if (copied.isPresent()) {
          return copied.get();
        }
      }
      return message.toXml();
    }

    /// The words of the presence it heard since it was last asked: from, and type.
    List<String> takesPresence() {
      return takes("presence").stream()
          .map(
              stanza ->
                  (stanza.attribute("from").orElse("?")
                          + " "
                          + stanza.attribute("type").orElse("available"))
                      .replace("@localhost", ""))
          .toList();
    }

    @Override
    public String toString() {
      return jid.toString();
    }
  }
}
