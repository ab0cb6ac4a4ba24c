// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.roster;

import dev.latchkey.chat.stanza.PresenceType;
import dev.latchkey.chat.stanza.StanzaError;
import dev.latchkey.credential.Jid;
import dev.latchkey.wire.element.Element;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/// All contacts of one account at one time. Immutable; each operation says what a next one would
/// be.
///
/// Operations take the time because the version grows with it: a roster that came back from a
/// backup, or belongs to a new account of the same name, must not reach a version that a client
/// remembers with other content.
public final class Roster {
  /// So many contacts may be in a roster.
  public static final int MOST_ITEMS = 2_000;

  /// So many characters their addresses, names and groups may have together: a roster is held and
  /// sent as a whole.
  public static final int LONGEST = 1 << 20;

  /// So many that are not in it may wait for an answer; further requests go unheard.
  public static final int MOST_REQUESTS = 1_000;

  private static final Roster EMPTY = new Roster(0, Map.of());

  private final long version;
  private final Map<Jid, RosterItem> items;

  private Roster(long version, Map<Jid, RosterItem> items) {
    this.version = version;
    this.items = items;
  }

  /// The roster of an account that never had one.
  public static Roster empty() {
    return EMPTY;
  }

  /// A roster as it was stored.
  public static Roster of(long version, Collection<RosterItem> items) {
    Map<Jid, RosterItem> byContact = new LinkedHashMap<>();
    items.forEach(item -> byContact.put(item.contact(), item));
    return new Roster(version, Collections.unmodifiableMap(byContact));
  }

  /// Grows with each change; 0 if there never was one.
  public long version() {
    return version;
  }

  /// The version as clients see it: opaque to them (RFC 6121 §2.6).
  public String ver() {
    return Long.toString(version, Character.MAX_RADIX);
  }

  /// What is kept of a contact, listed or not.
  public Optional<RosterItem> item(Jid contact) {
    return Optional.ofNullable(items.get(contact.bare()));
  }

  /// All that is kept.
  public Collection<RosterItem> all() {
    return items.values();
  }

  /// What the account's clients see.
  public List<RosterItem> listed() {
    return where(RosterItem::listed);
  }

  /// Whether a contact sees the account's presence.
  public boolean shows(Jid contact) {
    return item(contact).filter(item -> item.subscription().state().isFrom()).isPresent();
  }

  /// Whether the account sees a contact's presence.
  public boolean sees(Jid contact) {
    return item(contact).filter(item -> item.subscription().state().isTo()).isPresent();
  }

  /// Who sees the account's presence (from, both).
  public List<Jid> watchers() {
    return contacts(item -> item.subscription().state().isFrom());
  }

  /// Whose presence the account sees (to, both).
  public List<Jid> watched() {
    return contacts(item -> item.subscription().state().isTo());
  }

  /// The groups a contact is in; none if it is not in the roster.
  public List<String> groups(Jid contact) {
    return item(contact).map(RosterItem::groups).orElse(List.of());
  }

  /// Requests that wait for an answer, as they are delivered again to each resource that becomes
  /// available (RFC 6121 §3.1.3).
  public List<Element> requests() {
    return items.values().stream().flatMap(item -> item.request().stream()).toList();
  }

  /// The account adds or changes a contact (RFC 6121 §2.3, §2.4).
  public RosterChange set(RosterItemRequest wish, Instant now) {
    Optional<RosterItem> old = item(wish.contact());
    if (old.filter(RosterItem::listed).isEmpty() && isFull()) {
      return refused(wish.contact(), StanzaError.RESOURCE_CONSTRAINT);
    }
    RosterItem item =
        new RosterItem(
            wish.contact(),
            wish.name(),
            wish.groups(),
            old.map(RosterItem::subscription).orElse(Subscription.NONE),
            true,
            old.flatMap(RosterItem::request));
    int before = old.map(RosterItem::length).orElse(0);
    if (item.length() > before && length() - before + item.length() > LONGEST) {
      return refused(wish.contact(), StanzaError.RESOURCE_CONSTRAINT);
    }
    // §2.4.2: pushed although it may be as it was; the version then stays.
    Roster after = old.equals(Optional.of(item)) ? this : with(item, now);
    return new RosterChange(this, after, wish.contact(), true, false, List.of(), Optional.empty());
  }

  /// The account removes a contact, and with it every subscription and request (RFC 6121 §2.5).
  public RosterChange remove(Jid contact, Instant now) {
    Jid bare = contact.bare();
    Optional<RosterItem> old = item(bare).filter(RosterItem::listed);
    if (old.isEmpty()) {
      return refused(bare, StanzaError.ITEM_NOT_FOUND); // §2.5.3
    }
    SubscriptionState state = old.get().subscription().state();
    List<PresenceType> sends = new ArrayList<>();
    if (state.isTo() || state.isPendingOut()) {
      sends.add(PresenceType.UNSUBSCRIBE);
    }
    if (state.isFrom() || state.isPendingIn()) {
      sends.add(PresenceType.UNSUBSCRIBED);
    }
    return new RosterChange(this, without(bare, now), bare, true, false, sends, Optional.empty());
  }

  /// The account sends a subscription stanza to a contact (RFC 6121 Appendix A.2).
  ///
  /// @param contact not the account itself
  /// @throws IllegalArgumentException if the type is none of the four of a subscription
  public RosterChange outbound(PresenceType type, Jid contact, Instant now) {
    Jid bare = contact.bare();
    Optional<RosterItem> old = item(bare);
    SubscriptionStep step = SubscriptionTable.outbound(subscription(old), type);
    boolean wasListed = old.filter(RosterItem::listed).isPresent();
    boolean changes = !step.after().equals(subscription(old));
    // Who asks or grants has the contact in the roster then; who refuses a stranger has not.
    boolean listed =
        wasListed
            || (changes && step.after().state() != SubscriptionState.NONE)
            || step.after().approved();
    if (listed && !wasListed && isFull()) {
      return refused(bare, StanzaError.RESOURCE_CONSTRAINT);
    }
    return changed(old, bare, step, listed, old.flatMap(RosterItem::request), now);
  }

  /// A subscription stanza of a contact comes to the account (RFC 6121 Appendix A.3).
  ///
  /// @param presence the stanza; of its content no more is kept than [SubscriptionRequests] allows
  /// @param contact who sent it, not the account itself
  /// @throws IllegalArgumentException if the type is none of the four of a subscription
  public RosterChange inbound(PresenceType type, Jid contact, Element presence, Instant now) {
    Jid bare = contact.bare();
    Optional<RosterItem> old = item(bare);
    SubscriptionStep step = SubscriptionTable.inbound(subscription(old), type);
    if (old.isEmpty() && step.after().state().isPendingIn() && strangers() >= MOST_REQUESTS) {
      return new RosterChange(this, this, bare, false, false, List.of(), Optional.empty());
    }
    boolean listed = old.filter(RosterItem::listed).isPresent();
    Optional<Element> request =
        type == PresenceType.SUBSCRIBE && step.passes()
            ? Optional.of(SubscriptionRequests.kept(presence, bare))
            : old.flatMap(RosterItem::request);
    return changed(old, bare, step, listed, request, now);
  }

  /// A contact's account is deleted. What the account calls it stays; its name is nobody's, and who
  /// is given it later was neither let in nor approved (rule 4).
  public RosterChange forget(Jid contact, Instant now) {
    Jid bare = contact.bare();
    Optional<RosterItem> old = item(bare);
    boolean listed = old.filter(RosterItem::listed).isPresent();
    boolean push = !subscription(old).looksLike(Subscription.NONE);
    SubscriptionStep step = new SubscriptionStep(Subscription.NONE, false, push, Optional.empty());
    return changed(old, bare, step, listed, Optional.empty(), now);
  }

  private RosterChange changed(
      Optional<RosterItem> old,
      Jid contact,
      SubscriptionStep step,
      boolean listed,
      Optional<Element> request,
      Instant now) {
    boolean there = listed || step.after().state().isPendingIn();
    Optional<RosterItem> item =
        there
            ? Optional.of(
                new RosterItem(
                    contact,
                    old.map(RosterItem::name).orElse(""),
                    groups(contact),
                    step.after(),
                    listed,
                    request.filter(_ -> step.after().state().isPendingIn())))
            : Optional.empty();
    Roster after =
        item.equals(old)
            ? this
            : item.map(it -> with(it, now)).orElseGet(() -> without(contact, now));
    return new RosterChange(
        this,
        after,
        contact,
        step.push() && listed,
        step.passes(),
        step.answer().stream().toList(),
        Optional.empty());
  }

  private RosterChange refused(Jid contact, StanzaError error) {
    return new RosterChange(this, this, contact, false, false, List.of(), Optional.of(error));
  }

  private static Subscription subscription(Optional<RosterItem> item) {
    return item.map(RosterItem::subscription).orElse(Subscription.NONE);
  }

  private boolean isFull() {
    return listed().size() >= MOST_ITEMS;
  }

  private int length() {
    return items.values().stream().mapToInt(RosterItem::length).sum();
  }

  private int strangers() {
    return where(item -> !item.listed()).size();
  }

  private Roster with(RosterItem item, Instant now) {
    Map<Jid, RosterItem> next = new LinkedHashMap<>(items);
    next.put(item.contact(), item);
    return new Roster(after(now), Collections.unmodifiableMap(next));
  }

  private Roster without(Jid contact, Instant now) {
    Map<Jid, RosterItem> next = new LinkedHashMap<>(items);
    next.remove(contact);
    return new Roster(after(now), Collections.unmodifiableMap(next));
  }

  private long after(Instant now) {
    return Math.max(version + 1, now.toEpochMilli());
  }

  private List<RosterItem> where(Predicate<RosterItem> wanted) {
    return items.values().stream().filter(wanted).toList();
  }

  private List<Jid> contacts(Predicate<RosterItem> wanted) {
    return items.values().stream().filter(wanted).map(RosterItem::contact).toList();
  }

  @Override
  public boolean equals(@org.jspecify.annotations.Nullable Object other) {
    return other instanceof Roster that && version == that.version && items.equals(that.items);
  }

  @Override
  public int hashCode() {
    return Long.hashCode(version);
  }

  @Override
  public String toString() {
    return "Roster[" + version + ", " + items.size() + "]";
  }
}
