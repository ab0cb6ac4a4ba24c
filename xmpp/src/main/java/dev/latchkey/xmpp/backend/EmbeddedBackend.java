// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.backend;

import dev.latchkey.chat.delivery.Carbons;
import dev.latchkey.chat.eventing.Bounds;
import dev.latchkey.chat.eventing.Eventing;
import dev.latchkey.chat.history.ArchiveRequests;
import dev.latchkey.chat.history.Room;
import dev.latchkey.chat.storage.PrivateRequests;
import dev.latchkey.chat.storage.VcardRequests;
import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Domain;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import dev.latchkey.xmpp.session.Attachment;
import dev.latchkey.xmpp.session.Backend;
import dev.latchkey.xmpp.session.ClientSide;
import dev.latchkey.xmpp.session.SessionIdentity;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The chat domain that comes with the server: its parts, wired. Thread-safe.
public final class EmbeddedBackend implements Backend {
  private static final Logger LOG = LoggerFactory.getLogger(EmbeddedBackend.class);
  private static final int ID_OCTETS = 8;

  private final Set<Domain> served;
  private final ChatStores stores;
  private final DomainServices services;
  private final ArchiveRequests archive;
  private final LocalAccounts accounts;
  private final PresenceRouting presence;
  private final Subscriptions subscriptions;
  private final MessageRouting messages;
  private final ClientCapabilities capabilities;
  private final RequestRouting requests;

  /// @param served the domains of this server
  /// @param services what the domains answer by themselves
  /// @param room how much is kept for each account
  /// @param random draws ids that only must not repeat
  /// @param workers run what takes long beside everything else; a virtual thread each
  public EmbeddedBackend(
      Set<Domain> served,
      ChatStores stores,
      DomainServices services,
      Room room,
      InstantSource clock,
      RandomGenerator random,
      Executor workers) {
    this.served = Set.copyOf(served);
    this.stores = stores;
    this.services = services;
    Supplier<String> ids = () -> Bytes.random(ID_OCTETS, random).toHex();
    archive = new ArchiveRequests(stores.messages());
    accounts = new LocalAccounts(stores);
    messages = new MessageRouting(accounts, stores, clock, workers, room);
    EventingService eventing =
        new EventingService(
            new Eventing(stores.nodes(), Bounds.USUAL, clock, random),
            accounts,
            stores.directory(),
            ids);
    capabilities = new ClientCapabilities(eventing, ids);
    presence = new PresenceRouting(accounts, capabilities, messages);
    subscriptions = new Subscriptions(accounts, stores, presence, eventing, clock, ids);
    List<AccountService> known = new ArrayList<>();
    known.add(new RosterService(stores.rosters(), subscriptions, clock));
    known.add(new CarbonsService());
    known.add(new ArchiveService(archive));
    known.add(new BlockService(stores.blocks(), presence, ids));
    known.add(new PrivateService(new PrivateRequests(stores.privates())));
    known.add(new VcardService(new VcardRequests(stores.privates())));
    known.add(eventing);
    known.add(new AccountDiscovery(known));
    requests = new RequestRouting(accounts, known);
  }

  @Override
  public List<Element> features(Domain domain) {
    return List.of(
        Element.empty("ver", "urn:xmpp:features:rosterver"), // RFC 6121 §2.6.1
        Element.empty("sub", "urn:xmpp:features:pre-approval"), // RFC 6121 §3.4
        Element.empty("csi", Namespaces.CLIENT_STATE),
        services.capabilities(domain).element());
  }

  @Override
  public List<String> inlineFeatures() {
    return List.of(Carbons.NAMESPACE, Namespaces.CLIENT_STATE);
  }

  @Override
  public boolean losesNothingByBind2() {
    return true; // what the archive does not hold goes on waiting
  }

  /// XEP-0386 §4: who binds so reads in the archive what came while nobody was there.
  @Override
  public List<Element> bindInline(SessionIdentity who) {
    return List.of(archive.bound(who.account()));
  }

  @Override
  public Attachment attach(ClientSide client, List<Element> asked) {
    ChatSession session = ChatSession.of(this, client);
    session.enter(asked);
    return session;
  }

  @Override
  public Attachment revive(ClientSide client, Element place) {
    ChatSession session = ChatSession.revived(this, client, place);
    session.enter(List.of());
    return session;
  }

  /// An account is deleted: nothing of it stays, and everybody who knew it is told. In their
  /// rosters its address stays as they named it, but whoever is given it sees nobody, is seen by
  /// nobody, and was approved by nobody (rule 4).
  ///
  /// Somebody may have been given it already. Then all that others hold by that name is ended once:
  /// who had to begin anew with them is better off than who is taken for somebody else.
  public void forget(AccountId account, AccountJid address) {
    accounts.drop(address, account);
    if (stores.directory().isKnown(account) || stores.directory().find(address).isEmpty()) {
      subscriptions.forgetEverywhere(address);
      stores.nodes().forgetPerson(address.jid());
      stores.directory().forgotten(account);
    }
    stores.forget(account);
  }

  /// Finishes what a crash left of deleted accounts, before anybody is let in. What is broken of
  /// one is left for the next time.
  public void removeLeftovers() {
    stores.directory().leftovers().forEach(this::removeLeftover);
  }

  private void removeLeftover(AccountId account, AccountJid address) {
    try {
      forget(account, address);
    } catch (RuntimeException fault) {
      LOG.error("CHAT-9003 fault in removing what is left of account={}", account, fault);
    }
  }

  boolean serves(Domain domain) {
    return served.contains(domain);
  }

  LocalAccounts accounts() {
    return accounts;
  }

  DomainServices services() {
    return services;
  }

  PresenceRouting presence() {
    return presence;
  }

  Subscriptions subscriptions() {
    return subscriptions;
  }

  MessageRouting messages() {
    return messages;
  }

  ClientCapabilities capabilities() {
    return capabilities;
  }

  RequestRouting requests() {
    return requests;
  }
}
