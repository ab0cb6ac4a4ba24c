// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.backend;

import dev.latchkey.chat.blocking.BlockChange;
import dev.latchkey.chat.stanza.PresenceType;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Jid;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// Who learns that somebody is there (RFC 6121 §4). Thread-safe.
final class PresenceRouting {
  private final LocalAccounts accounts;
  private final ClientCapabilities capabilities;
  private final MessageRouting messages;

  PresenceRouting(
      LocalAccounts accounts, ClientCapabilities capabilities, MessageRouting messages) {
    this.accounts = accounts;
    this.capabilities = capabilities;
    this.messages = messages;
  }

  /// A resource says to all who may know that it is there (RFC 6121 §4.2, §4.4).
  void available(ChatSession session, Element stanza) {
    session.visit(
        (account, after) -> {
          ConnectedResource resource = session.resource();
          boolean first = !resource.isAvailable();
          boolean tookMessages = !first && resource.priority() >= 0;
          resource.available(stanza);
          broadcast(account, stanza, Set.of(), after);
          if (first) {
            showOwn(account, resource);
            account.roster().requests().stream() // §3.1.3
                .filter(request -> !account.blocks(sender(request))) // XEP-0191 §3.3
                .forEach(resource::deliver);
            Jid watcher = resource.jid();
            for (Jid contact : account.roster().watched()) {
              after.add(() -> probe(watcher, contact)); // §4.3
            }
          }
          capabilities.said(account, resource, after);
          if (!tookMessages && resource.priority() >= 0) {
            messages.deliverWaiting(account, resource, after); // RFC 6121 §8.5.2.2.1, XEP-0160 §2
          }
          return true;
        });
  }

  /// A resource says that it is not there any more (RFC 6121 §4.5).
  void unavailable(ChatSession session, Element stanza) {
    session.visit(
        (account, after) -> {
          goneFrom(account, session.resource(), stanza, after);
          return true;
        });
  }

  /// A session is over.
  void left(ChatSession session, Element unavailable) {
    session.visit(
        (account, after) -> {
          if (!account.leave(session.resource())) {
            return false; // a newer session has the name and speaks for it
          }
          goneFrom(account, session.resource(), unavailable, after);
          capabilities.forget(session.resource().jid());
          return true;
        });
  }

  private void goneFrom(
      LocalAccount account, ConnectedResource resource, Element stanza, List<Runnable> after) {
    boolean wasAvailable = resource.isAvailable();
    Set<Jid> directed = resource.takeDirected();
    if (wasAvailable) {
      broadcast(account, stanza, directed, after); // while it is still there: §4.5.2
      resource.unavailable();
    }
    Set<Jid> knowAnyway = wasAvailable ? Set.copyOf(account.roster().watchers()) : Set.of();
    for (Jid told : directed) {
      if (!knowAnyway.contains(told.bare())) {
        tell(account, stanza, told, after); // §4.6.6
      }
    }
  }

  /// To the own resources, which are told of themselves too, and to those who may know.
  ///
  /// @param named the full JIDs that hear it although they are not available
  private void broadcast(
      LocalAccount account, Element stanza, Set<Jid> named, List<Runnable> after) {
    account.deliverToAvailable(stanza.with("to", account.jid().toString()));
    Predicate<Jid> blocked = account.blocked();
    for (Jid contact : account.roster().watchers()) {
      if (!account.blocks(contact)) {
        after.add(() -> direct(stanza, contact, named, blocked));
      }
    }
  }

  /// An account's presence to one address, and to none of its resources that the account blocks
  /// (XEP-0191 §3.3).
  void tell(LocalAccount account, Element stanza, Jid to, List<Runnable> after) {
    if (!account.blocks(to)) {
      Predicate<Jid> blocked = account.blocked();
      after.add(() -> direct(stanza, to, Set.of(), blocked));
    }
  }

  private static void showOwn(LocalAccount account, ConnectedResource newcomer) {
    for (ConnectedResource other : account.available()) {
      if (!other.equals(newcomer)) {
        other.presence().ifPresent(last -> newcomer.deliver(to(last, newcomer.jid())));
      }
    }
  }

  /// Presence to one address, by who is there now: nobody is woken for it.
  private void direct(Element stanza, Jid to) {
    direct(stanza, to, Set.of(), _ -> false);
  }

  /// @param named of a bare JID's resources, the full JIDs that hear it although not available
  /// @param blocked the full JIDs that hear nothing of it
  private void direct(Element stanza, Jid to, Set<Jid> named, Predicate<Jid> blocked) {
    Optional<AccountJid> receiver = to.account();
    if (receiver.isEmpty()) {
      return; // a domain is not interested
    }
    Jid from = sender(stanza);
    accounts.visitIfPresent(
        receiver.get(),
        (account, _) -> {
          if (account.blocks(from)) {
            return false;
          }
          Element addressed = to(stanza, to);
          Stream<ConnectedResource> there =
              to.resource().isPresent()
                  ? account.resource(to.resource().get()).stream()
                  : account.resources().stream()
                      .filter(it -> it.isAvailable() || named.contains(it.jid()))
                      .filter(it -> !blocked.test(it.jid()));
          there
              .filter(resource -> resource.hasRoom() || isExpected(account, from))
              .forEach(resource -> resource.deliver(addressed));
          return true;
        });
  }

  /// Whether an account would miss somebody's presence. What a stranger tells it of himself ends no
  /// session that is full.
  private static boolean isExpected(LocalAccount account, Jid from) {
    return from.bare().equals(account.jid().jid()) || account.roster().sees(from.bare());
  }

  /// Asks a contact's account on behalf of a resource that has just come (RFC 6121 §4.3.2). Nobody
  /// is woken for it: who is not there has nothing to show.
  ///
  /// Where nobody is there nothing is said, though §4.3.2 recommends `unavailable`: XEP-0191 §3.3
  /// wants no answer for who is blocked, and then the silence would tell them.
  ///
  /// @param watcher the full JID that wants to know
  ///
  /// @param contact bare, or the one resource that it wants to know of
  /// @return whether there was something to show
  private boolean probe(Jid watcher, Jid contact) {
    return contact
        .account()
        .flatMap(
            owner ->
                accounts.visitIfPresent(
                    owner,
                    (account, after) -> {
                      List<ConnectedResource> there =
                          mayKnow(account, watcher)
                              ? account.available().stream()
                                  .filter(it -> contact.isBare() || it.jid().equals(contact))
                                  .toList()
                              : List.of();
                      there.forEach(resource -> show(account, resource, watcher, after));
                      return !there.isEmpty();
                    }))
        .orElse(false);
  }

  /// A contact is heard of again (XEP-0191 §3.4): what was seen of it last is old.
  ///
  /// @param contact one whose presence the account sees, bare or full
  private void seeAgain(LocalAccount account, Jid contact, List<Runnable> after) {
    for (ConnectedResource resource : account.available()) {
      Jid watcher = resource.jid();
      after.add(
          () -> {
            // Who blocks the watcher looks as if nobody was there (rule 5).
            if (!probe(watcher, contact)) {
              direct(unavailable(contact), watcher);
            }
          });
    }
  }

  /// A client asks itself. Who may not know hears the same as where there is no account (rule 5); a
  /// contact that is blocked hears nothing, as where nobody is there (XEP-0191 §3.3).
  ///
  /// @param watcher the full JID that asks
  void probed(Jid watcher, AccountJid owner) {
    accounts.visit(
        owner,
        (account, after) -> {
          if (mayKnow(account, watcher)) {
            show(account, watcher, after);
          } else if (!account.roster().shows(watcher)) {
            after.add(() -> direct(stanza(owner.jid(), PresenceType.UNSUBSCRIBED), watcher));
          }
          return true;
        });
  }

  private static boolean mayKnow(LocalAccount account, Jid watcher) {
    return account.roster().shows(watcher) && !account.blocks(watcher);
  }

  /// Shows who of an account is there.
  ///
  /// @param watcher to whom: bare or full
  void show(LocalAccount account, Jid watcher, List<Runnable> after) {
    account.available().forEach(resource -> show(account, resource, watcher, after));
  }

  private void show(
      LocalAccount account, ConnectedResource resource, Jid watcher, List<Runnable> after) {
    resource.presence().ifPresent(last -> tell(account, last, watcher, after));
  }

  /// Shows that nobody of an account is there (RFC 6121 §3.2.2).
  void hide(LocalAccount account, Jid watcher, List<Runnable> after) {
    Predicate<Jid> blocked = account.blocked();
    for (ConnectedResource resource : account.available()) {
      hide(resource, watcher, blocked, after);
    }
  }

  /// @param blocked the full JIDs that knew nothing of it
  private void hide(
      ConnectedResource resource, Jid watcher, Predicate<Jid> blocked, List<Runnable> after) {
    Element gone = unavailable(resource.jid());
    after.add(() -> direct(gone, watcher, Set.of(), blocked));
  }

  /// Whom an account blocks now sees those go of whom it knew, be it because it may see the account
  /// or because it was told in particular (XEP-0191 §3.3); whom it blocks no more sees who is there
  /// if it may, and is seen as it is now (§3.4).
  void blockListChanged(LocalAccount account, BlockChange change, List<Runnable> after) {
    List<Jid> watchers = account.roster().watchers();
    List<Jid> hidden = change.hiddenFrom(watchers);
    for (ConnectedResource resource : account.resources()) {
      Set<Jid> knew = new LinkedHashSet<>(change.hiddenFrom(resource.directed()));
      if (resource.isAvailable()) {
        knew.removeIf(told -> hidden.contains(told.bare())); // hears it so
        knew.addAll(hidden);
      }
      knew.forEach(jid -> hide(resource, jid, account.blockedBy(change.before()), after));
      resource.directed().stream().filter(account::blocks).forEach(resource::untold);
    }
    change.shownTo(watchers).forEach(jid -> show(account, jid, after));
    change.seenAgain(account.roster().watched()).forEach(jid -> seeAgain(account, jid, after));
  }

  /// The presence of who is gone.
  static Element unavailable(Jid who) {
    return stanza(who, PresenceType.UNAVAILABLE);
  }

  private static Element stanza(Jid from, PresenceType type) {
    return Element.named("presence", Namespaces.CLIENT)
        .attribute("from", from.toString())
        .attribute("type", type.word())
        .build();
  }

  private static Element to(Element stanza, Jid to) {
    return stanza.with("to", to.toString());
  }

  private static Jid sender(Element stanza) {
    return Jid.parse(stanza.attribute("from").orElseThrow());
  }
}
