// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.backend;

import dev.latchkey.chat.AccountDirectory;
import dev.latchkey.chat.eventing.Eventing;
import dev.latchkey.chat.eventing.EventingAnswer;
import dev.latchkey.chat.eventing.Notification;
import dev.latchkey.chat.eventing.Requester;
import dev.latchkey.chat.stanza.Iq;
import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Jid;
import dev.latchkey.wire.element.Element;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.function.Supplier;

/// An account's nodes (XEP-0163): who asks is answered, who may know and wants to is told.
final class EventingService implements AccountService {
  private final Eventing eventing;
  private final LocalAccounts accounts;
  private final AccountDirectory directory;
  private final Supplier<String> ids;

  /// How many requests may have changed a node, of whichever account. Counted before the visit that
  /// changed it is over.
  private final AtomicLong changes = new AtomicLong();

  /// @param ids draws ids that do not repeat
  EventingService(
      Eventing eventing, LocalAccounts accounts, AccountDirectory directory, Supplier<String> ids) {
    this.eventing = eventing;
    this.accounts = accounts;
    this.directory = directory;
    this.ids = ids;
  }

  @Override
  public List<String> features() {
    return Eventing.features();
  }

  @Override
  public boolean answers(Iq request) {
    return Eventing.handles(request);
  }

  @Override
  public Element answer(Asked asked, Iq request) {
    LocalAccount account = asked.account();
    return answer(account, Requester.owner(asked.resource().jid()), request, asked.after());
  }

  @Override
  public Optional<Element> answerOther(
      LocalAccount account, Jid asker, Iq request, List<Runnable> after) {
    return account.id().map(_ -> answer(account, contact(account, asker), request, after));
  }

  private Element answer(LocalAccount account, Requester who, Iq request, List<Runnable> after) {
    EventingAnswer answer =
        eventing.answer(who, account.id().orElseThrow(), account.jid(), request);
    if (request.isSet()) {
      changes.incrementAndGet();
    }
    answer.notifications().forEach(notification -> tell(account, notification, after));
    return answer.reply();
  }

  /// How somebody else stands to an account.
  private static Requester contact(LocalAccount account, Jid somebody) {
    return new Requester(
        somebody,
        false,
        account.roster().shows(somebody),
        Set.copyOf(account.roster().groups(somebody)));
  }

  private void tell(LocalAccount account, Notification notification, List<Runnable> after) {
    Jid owner = account.jid().jid();
    for (ConnectedResource resource : account.resources()) {
      if (notification.isFor(Requester.owner(resource.jid()), resource.wantedNodes())) {
        resource.deliver(notification.message(owner, resource.jid(), ids.get()));
      }
    }
    Set<Jid> others = new LinkedHashSet<>(account.roster().watchers());
    notification.subscribers().forEach(jid -> others.add(jid.bare()));
    for (Jid other : others) {
      if (!other.equals(owner) && !account.blocks(other)) {
        Requester standing = contact(account, other);
        Predicate<Jid> blocked = account.blocked();
        after.add(() -> tellContact(owner, notification, standing, blocked));
      }
    }
  }

  /// @param blocked the full JIDs that hear nothing of it
  private void tellContact(
      Jid owner, Notification notification, Requester standing, Predicate<Jid> blocked) {
    standing
        .jid()
        .account()
        .ifPresent(
            contact ->
                accounts.visitIfPresent(
                    contact,
                    (account, _) -> {
                      if (account.blocks(owner)) {
                        return false;
                      }
                      for (ConnectedResource resource : account.resources()) {
                        Requester who =
                            new Requester(
                                resource.jid(), false, standing.subscribed(), standing.groups());
                        // XEP-0163 §4.3.2: who subscribed as a resource is told as that resource.
                        boolean listens =
                            resource.isAvailable()
                                || notification.subscribers().contains(resource.jid());
                        if (listens
                            && !blocked.test(resource.jid())
                            && notification.isFor(who, resource.wantedNodes())) {
                          resource.deliver(notification.message(owner, resource.jid(), ids.get()));
                        }
                      }
                      return true;
                    }));
  }

  /// A resource has become available, or only now is known what it wants: it gets the last items of
  /// the nodes it wants (XEP-0163 §4.3.1).
  void showLastItems(LocalAccount account, ConnectedResource resource, List<Runnable> after) {
    if (resource.wantedNodes().isEmpty()) {
      return;
    }
    AccountId id = account.id().orElseThrow();
    eventing
        .lastItems(id, Requester.owner(resource.jid()), resource.wantedNodes())
        .forEach(
            notification ->
                resource.deliver(
                    notification.message(account.jid().jid(), resource.jid(), ids.get())));
    List<AccountJid> watched =
        account.roster().watched().stream()
            .filter(contact -> !account.blocks(contact)) // XEP-0191 §3.3
            .flatMap(contact -> contact.account().stream())
            .toList();
    after.add(() -> showLastItemsOf(watched, resource));
  }

  /// A contact may see the account from now on, which subscribes it to the nodes that its resources
  /// want: they get the last items (XEP-0060, `on_sub_and_presence`).
  void showLastItemsTo(LocalAccount account, Jid contact, List<Runnable> after) {
    AccountJid owner = account.jid();
    contact
        .account()
        .ifPresent(
            watcher ->
                after.add(
                    () ->
                        accounts.visitIfPresent(
                            watcher,
                            (other, then) -> {
                              for (ConnectedResource resource : other.available()) {
                                if (!resource.wantedNodes().isEmpty()
                                    && !other.blocks(owner.jid())) {
                                  then.add(() -> showLastItemsOf(List.of(owner), resource));
                                }
                              }
                              return true;
                            })));
  }

  /// A contact may know less of an account than before.
  void endUnreadable(LocalAccount account, Jid contact) {
    account.id().ifPresent(id -> eventing.endUnreadable(id, contact(account, contact)));
  }

  /// Items for a group of the roster are not among them: that would mean to read the roster of each
  /// contact; the next change comes.
  private void showLastItemsOf(List<AccountJid> contacts, ConnectedResource resource) {
    long began = changes.get();
    Map<AccountJid, AccountId> ids = directory.find(contacts);
    Requester who = new Requester(resource.jid(), false, true, Set.of());
    Set<String> wanted = resource.wantedNodes();
    Map<AccountId, List<Notification>> last = eventing.lastItems(ids.values(), who, wanted);
    ids.forEach(
        (contact, id) -> {
          List<Notification> read = last.getOrDefault(id, List.of());
          if (!read.isEmpty()) {
            accounts.visit(
                contact,
                id,
                (account, after) -> {
                  if (account.roster().shows(resource.jid()) && !account.blocks(resource.jid())) {
                    // What was read before a change may be old, and others may have heard of it.
                    (changes.get() == began ? read : eventing.lastItems(id, who, wanted))
                        .forEach(it -> after.add(() -> show(contact, it, resource)));
                  }
                  return true;
                });
          }
        });
  }

  private void show(AccountJid owner, Notification notification, ConnectedResource to) {
    to.client().deliver(notification.message(owner.jid(), to.jid(), ids.get()));
  }
}
