// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.session;

import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.DeviceId;
import dev.latchkey.credential.Resource;
import dev.latchkey.devices.LiveSessions;
import dev.latchkey.devices.RevokedDevice;
import dev.latchkey.devices.SessionScope;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.management.StanzaCount;
import dev.latchkey.wire.socket.Connection;
import dev.latchkey.xmpp.stream.StreamLog;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The one table of everything that is signed in, whatever it is doing, and the memory of what was
/// revoked.
///
/// A login enters here before a byte of success is answered, and a revocation looks here after it
/// is written. Whichever comes second finds the other: a session that is registered is found by the
/// revocation, and one that comes later is refused by the memory (rule 39).
///
/// Thread-safe; nothing here waits for the store.
public final class SessionRegistry implements LiveSessions {
  private static final Logger LOG = LoggerFactory.getLogger(SessionRegistry.class);

  /// Longer than any sign-in may take.
  private static final Duration MEMORY = Duration.ofMinutes(15);

  private static final int RESOURCE_OCTETS = 6;

  /// XEP-0198 §5: an id that nobody can guess; to whom it belongs is checked all the same.
  private static final int MANAGEMENT_ID_OCTETS = 16;

  /// Of so many sessions that ended while their clients were away it is known what they had
  /// handled.
  private static final int REMEMBERED_ENDS = 10_000;

  private final StreamLog log;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final Executor workers;
  private final ManagementPolicy policy;

  private final Object lock = new Object();
  private final Map<DeviceId, Set<Session>> byDevice = new HashMap<>();
  private final Map<AccountId, Map<Resource, Session>> bound = new HashMap<>();
  private final Map<String, Session> managed = new HashMap<>();
  private final Map<String, Ended> ended = new LinkedHashMap<>();
  private final Map<DeviceId, Revoked> revoked = new LinkedHashMap<>();
  private final Map<AccountId, Map<SessionScope, Stale>> stale = new HashMap<>();
  private final TokenHolders holders = new TokenHolders();
  private final AtomicInteger sleeping = new AtomicInteger();
  private final QueueBudget budget;

  /// Whether sessions are being ended because all hold too much.
  private final AtomicBoolean relieving = new AtomicBoolean();

  private record Ended(DeviceId device, StanzaCount handled) {}

  private record Revoked(long generation, Instant at) {}

  /// What was read of an account before a version is out of date within a scope.
  private record Stale(SessionScope scope, long version, Instant at) {
    boolean concerns(SessionIdentity identity) {
      return switch (scope) {
        case SessionScope.WholeAccount _ -> true;
        case SessionScope.OfDevice(DeviceId device) -> identity.device().equals(device);
        case SessionScope.OfCredential(CredentialId credential) ->
            identity.credential().equals(Optional.of(credential));
      };
    }
  }

  /// @param workers runs what sessions do; a virtual thread each
  /// @param policy how much a session may cost whose client is away
  public SessionRegistry(
      StreamLog log,
      InstantSource clock,
      RandomGenerator random,
      Executor workers,
      ManagementPolicy policy) {
    this.log = log;
    this.clock = clock;
    this.random = random;
    this.workers = workers;
    this.policy = policy;
    this.budget = new QueueBudget(policy.memory());
  }

  /// Enters a device of which more will be read before it is admitted.
  ///
  /// @param afterwards run once when the session is over, whatever ended it
  /// @return nothing if the device was revoked since the proof was checked
  public Optional<Session> register(
      SessionIdentity identity, Connection connection, Runnable afterwards) {
    return register(identity, Long.MAX_VALUE, connection, afterwards);
  }

  /// Enters a device whose proof was checked.
  ///
  /// @param read the version of the account that it was checked against: nothing is read again
  /// @param afterwards run once when the session is over, whatever ended it
  /// @return nothing if the device was revoked since then, or ended otherwise
  public Optional<Session> register(
      SessionIdentity identity, long read, Connection connection, Runnable afterwards) {
    synchronized (lock) {
      Revoked since = revoked.get(identity.device());
      if (isOutdated(identity, read)
          || (since != null && since.generation() > identity.generation())) {
        return Optional.empty();
      }
      Session session =
          new Session(identity, connection, this, workers, afterwards, clock.instant());
      byDevice.computeIfAbsent(identity.device(), _ -> new HashSet<>()).add(session);
      return Optional.of(session);
    }
  }

  /// Gives a session a resource: its lock's; else the wished one, if no other device has or is
  /// locked to it; else one that is made here (RFC 6120 §7.7.2.2, rule 36). An older session of the
  /// same device under the same resource is ended.
  ///
  /// @return the resource; nothing if the session has died
  public Optional<Resource> bind(Session session, Optional<Resource> wished, ResourceRules rules) {
    AccountId account = session.identity().account();
    Resource resource;
    Session replaced;
    synchronized (lock) {
      Map<Resource, Session> resources = bound.computeIfAbsent(account, _ -> new HashMap<>());
      resource = choose(session, rules.lock().or(() -> wished), rules, resources);
      if (!session.bind(session.identity().jid().with(resource))) {
        if (resources.isEmpty()) {
          bound.remove(account);
        }
        return Optional.empty();
      }
      replaced = resources.put(resource, session);
    }
    if (replaced != null) {
      replaced.end(EndReason.REPLACED);
    }
    return Optional.of(resource);
  }

  /// Ends what a program has left behind that binds anew (XEP-0386 §4): the sessions of its device
  /// (rule 35) that wait for the same program, which comes for none of them now. Those that are
  /// connected go on: several programs may share what one device signs in with. What was not
  /// acknowledged waits, or is in the archive.
  public void endLeftBehind(Session newcomer) {
    List<Session> ofDevice;
    synchronized (lock) {
      ofDevice = List.copyOf(byDevice.getOrDefault(newcomer.identity().device(), Set.of()));
    }
    List<Session> leftBehind = new ArrayList<>();
    for (Session session : ofDevice) {
      if (session.isLeftBehindBy(newcomer)) {
        leftBehind.add(session);
      }
    }
    endAll(leftBehind, EndReason.REPLACED);
  }

  private Resource choose(
      Session session,
      Optional<Resource> wished,
      ResourceRules rules,
      Map<Resource, Session> taken) {
    if (wished.isPresent() && !rules.reserved().contains(wished.get())) {
      Session holder = taken.get(wished.get());
      if (holder == null || holder.identity().device().equals(session.identity().device())) {
        return wished.get();
      }
    }
    Resource made;
    do {
      made = new Resource(Bytes.random(RESOURCE_OCTETS, random).toHex());
    } while (taken.containsKey(made) || rules.reserved().contains(made));
    return made;
  }

  /// Lets a session count stanzas (XEP-0198 §3).
  ///
  /// @param wish `<enable/>`
  /// @param tell whether the session tells its client
  /// @return what the client is told; nothing if the session has no resource, or counts already
  public Optional<Element> enable(Session session, Element wish, boolean tell) {
    String id = Bytes.random(MANAGEMENT_ID_OCTETS, random).toHex();
    // Rule 10: a device that was let in once is gone when its session is.
    boolean resumable =
        session.identity().credential().isPresent()
            && wish.attribute("resume")
                .filter(it -> it.equals("true") || it.equals("1"))
                .isPresent();
    Duration longest =
        wish.attribute("max")
            .flatMap(StanzaCount::parse) // seconds; the same form
            .map(seconds -> Duration.ofSeconds(seconds.since(StanzaCount.ZERO)))
            .filter(asked -> asked.compareTo(policy.longest()) < 0)
            .orElse(policy.longest());
    StreamManagement books = new StreamManagement(id, resumable, longest, policy, budget);
    if (resumable) {
      synchronized (lock) {
        managed.put(id, session); // before the client knows the id
      }
    }
    if (!session.manage(books, tell)) {
      synchronized (lock) {
        managed.remove(id, session);
      }
      return Optional.empty();
    }
    return Optional.of(ManagementElements.enabled(books));
  }

  /// Lets a session go on over the connection on which its device has just signed in (XEP-0198 §5).
  /// Another device's, though of the same account, is no more than an unknown one (rule 44).
  ///
  /// When this returns [Resumption.Resumed], the newcomer is no session any more. Whatever ends the
  /// device's sessions meanwhile finds one of both: each is in the table as long as it has the
  /// connection (rule 39).
  ///
  /// @param newcomer without a resource
  /// @param answer tells the client, given `<resumed/>`
  /// @param first done before the client is told
  public Resumption resume(
      Session newcomer, Resumption.Wish wish, Resumption.Answer answer, Runnable first) {
    DeviceId device = newcomer.identity().device();
    Optional<Session> found;
    Optional<StanzaCount> handled;
    synchronized (lock) {
      found =
          Optional.ofNullable(managed.get(wish.id()))
              .filter(session -> session.identity().device().equals(device));
      handled =
          Optional.ofNullable(ended.get(wish.id()))
              .filter(known -> known.device().equals(device))
              .map(Ended::handled);
    }
    return found
        .map(session -> session.resume(newcomer, wish.handled(), answer, first))
        .orElseGet(() -> new Resumption.Failed(ManagementElements.notFound(handled)));
  }

  /// An older session goes on with the connection and the proof of a newcomer.
  void goesOn(Session newcomer, Session older) {
    synchronized (lock) {
      holders.goesOn(newcomer, older);
    }
  }

  /// Whether one session more may wait for its client; if so, it counts from now on.
  boolean maySleep() {
    boolean room = sleeping.incrementAndGet() <= policy.sessions();
    if (!room) {
      sleeping.decrementAndGet();
    }
    return room;
  }

  /// One does not any more.
  void awake() {
    sleeping.decrementAndGet();
  }

  /// A session waits for its client: of too many of one device, the one that waits longest ends.
  void asleep(Session session) {
    List<Session> waiting;
    synchronized (lock) {
      waiting =
          byDevice.getOrDefault(session.identity().device(), Set.of()).stream()
              .filter(other -> other.is(Session.State.HIBERNATED))
              .sorted(Comparator.comparing(Session::lastHeard))
              .toList();
    }
    waiting.stream()
        .limit(Math.max(0, waiting.size() - policy.perDevice()))
        .forEach(oldest -> later(() -> oldest.end(EndReason.OVERLOADED)));
    relieve(); // text can take more than the element did
  }

  /// Ends sessions if what is unacknowledged takes more memory than it may in all.
  void relieve() {
    if (budget.isExceeded() && relieving.compareAndSet(false, true)) {
      later(this::endLargest);
    }
  }

  private void endLargest() {
    try {
      Turn.Patience patience = Turn.patience(); // one for all: who is at work keeps no other
      each(
          budget.tooMuch(all()),
          session -> {
            LOG.warn("SESSION-3001 clients acknowledge too little, which ends {}", session);
            session.end(EndReason.OVERLOADED, patience);
          });
    } finally {
      relieving.set(false);
    }
  }

  /// Does something that the calling thread must not wait for.
  void later(Runnable work) {
    workers.execute(work);
  }

  /// Ends sessions whose clients were away too long, or did not acknowledge for too long.
  public void endOverdue() {
    Instant now = clock.instant();
    each(all(), session -> session.overdue(now).ifPresent(session::end));
  }

  /// How many wait for their clients.
  public int sleepers() {
    return sleeping.get();
  }

  /// Ends all for this process; those that can be resumed are kept for the next.
  ///
  /// Nothing is handled any more before the first is kept, so nobody hands a stanza to a session
  /// that is written down already; and those that cannot be resumed say goodbye before, so that the
  /// others keep that too.
  public void hibernateAll(HibernationStore store) {
    List<Session> all = all();
    all.forEach(Session::hold);
    Turn.Patience patience = Turn.patience(); // one for all: a stop is not as long as they are many
    all.forEach(session -> session.awaitHeld(patience));
    each(
        all.stream().filter(session -> !session.isResumableOrGone()).toList(),
        session -> session.end(EndReason.SHUTDOWN, patience));
    List<HibernatedSession> kept = new ArrayList<>();
    each(
        all,
        session -> {
          session.freeze().ifPresent(kept::add);
          session.end(EndReason.SHUTDOWN, patience); // which does nothing to what is frozen
        });
    store.put(kept);
  }

  /// Lets those sleep on that were kept, as far as they may still come back (rule 39).
  ///
  /// @param backend knows each by the place it had
  /// @param mayLive whether a device may act, in the generation it had then and with what it had
  ///   signed in with
  public void revive(HibernationStore store, Backend backend, Predicate<SessionIdentity> mayLive) {
    for (HibernatedSession kept : store.take()) {
      StreamManagement books = new StreamManagement(kept, policy, budget);
      Session session = Session.revived(kept, books, this, workers);
      synchronized (lock) {
        DeviceId device = kept.identity().device();
        byDevice.computeIfAbsent(device, _ -> new HashSet<>()).add(session);
        bound
            .computeIfAbsent(kept.identity().account(), _ -> new HashMap<>())
            .put(kept.resource(), session);
        managed.put(kept.id(), session);
      }
      sleeping.incrementAndGet();
      try {
        session.revive(backend.revive(session, kept.place()));
        if (!mayLive.test(kept.identity())) {
          session.end(EndReason.REVOKED);
        }
      } catch (RuntimeException fault) {
        // They are in the store no more: those after it have nothing but this.
        LOG.error("SESSION-9003 a session that slept cannot go on: {}", session, fault);
        session.end(EndReason.FAULT);
      }
    }
    endOverdue();
    relieve();
  }

  void remove(Session session) {
    synchronized (lock) {
      session.managementId().ifPresent(id -> forget(id, session));
      holders.left(session);
      DeviceId device = session.identity().device();
      byDevice.computeIfPresent(
          device,
          (_, sessions) -> {
            sessions.remove(session);
            return sessions.isEmpty() ? null : sessions;
          });
      session
          .resource()
          .ifPresent(
              resource ->
                  bound.computeIfPresent(
                      session.identity().account(),
                      (_, resources) -> {
                        resources.remove(resource, session);
                        return resources.isEmpty() ? null : resources;
                      }));
    }
  }

  /// Under the lock.
  private void forget(String id, Session session) {
    if (managed.remove(id, session)) {
      session
          .handled()
          .ifPresent(count -> ended.put(id, new Ended(session.identity().device(), count)));
      if (ended.size() > REMEMBERED_ENDS) {
        ended.remove(ended.keySet().iterator().next());
      }
    }
  }

  /// Ends every connection of the devices and remembers them, so that a login in flight dies too.
  @Override
  public void end(AccountId account, List<RevokedDevice> devices) {
    List<Session> dying = new ArrayList<>();
    Instant now = clock.instant();
    synchronized (lock) {
      forgetOld(now);
      for (RevokedDevice device : devices) {
        revoked.put(device.device(), new Revoked(device.generation(), now));
        dying.addAll(byDevice.getOrDefault(device.device(), Set.of()));
      }
    }
    endAll(dying, EndReason.REVOKED);
  }

  @Override
  public boolean isConnected(DeviceId device) {
    synchronized (lock) {
      return byDevice.getOrDefault(device, Set.of()).stream()
          .anyMatch(session -> !session.is(Session.State.HIBERNATED));
    }
  }

  @Override
  public Optional<DeviceId> holderOf(AccountId account, Resource resource) {
    synchronized (lock) {
      return Optional.ofNullable(bound.getOrDefault(account, Map.of()).get(resource))
          .map(session -> session.identity().device());
    }
  }

  /// Ends the account's sessions, or the one under a resource; the devices may come back.
  ///
  /// @return how many
  public int kick(AccountId account, Optional<Resource> resource) {
    List<Session> dying =
        of(account).stream()
            .filter(session -> resource.isEmpty() || session.resource().equals(resource))
            .toList();
    endAll(dying, EndReason.KICKED);
    return dying.size();
  }

  /// Under the lock. Whether what the device was admitted by has changed since it was read.
  private boolean isOutdated(SessionIdentity identity, long read) {
    for (Stale known : stale.getOrDefault(identity.account(), Map.of()).values()) {
      if (known.version() > read && known.concerns(identity)) {
        return true;
      }
    }
    return false;
  }

  /// Under the lock.
  private void forgetOld(Instant now) {
    revoked.values().removeIf(old -> old.at().plus(MEMORY).isBefore(now));
    for (Map<SessionScope, Stale> known : stale.values()) {
      known.values().removeIf(old -> old.at().plus(MEMORY).isBefore(now));
    }
    stale.values().removeIf(Map::isEmpty);
  }

  @Override
  public void endStale(AccountId account, SessionScope scope, long version) {
    Stale ended = new Stale(scope, version, clock.instant());
    List<Session> dying;
    synchronized (lock) {
      forgetOld(ended.at());
      stale
          .computeIfAbsent(account, _ -> new HashMap<>())
          .merge(scope, ended, (old, now) -> old.version() > now.version() ? old : now);
      dying = of(account).stream().filter(it -> ended.concerns(it.identity())).toList();
    }
    endAll(dying, EndReason.DISABLED);
  }

  /// Leaves a credential that can be copied to one connection, the newest (30.A: X-TOKEN). A
  /// session that can be resumed sleeps from now on, for who signs in may have come to resume it.
  ///
  /// @param newcomer whoever has just signed in with it
  /// @param place what tells its holder from another: the user agent, or the address
  /// @param accepted when its connection was accepted
  /// @return whether two places use it (rule 49)
  public boolean leaveTo(Session newcomer, String place, Instant accepted) {
    TokenHolders.Change change;
    synchronized (lock) {
      change = holders.take(newcomer, place, accepted, clock.instant());
    }
    change.replaced().ifPresent(Session::replaced);
    return change.twoPlaces();
  }

  /// Tells an account's sessions something, as far as stanzas flow: before a client was answered
  /// that it has a resource, nothing is said to it that it did not ask for.
  ///
  /// @param stanza writes what one of them is told; nothing if it need not be
  public void tell(AccountId account, Function<Session, Optional<Element>> stanza) {
    each(
        of(account).stream().filter(Session::isStarted).toList(),
        session -> stanza.apply(session).ifPresent(session::deliver));
  }

  private List<Session> of(AccountId account) {
    return all().stream().filter(session -> session.identity().account().equals(account)).toList();
  }

  /// How many are there.
  public int size() {
    return all().size();
  }

  /// Asks clients that were silent for long whether they are still there, and ends those that did
  /// not answer until the next call.
  ///
  /// @param silence how long is long
  public void checkSilent(Duration silence) {
    Instant before = clock.instant().minus(silence);
    each(
        all(),
        session -> {
          if (session.isBound() && session.lastHeard().isBefore(before) && session.pingOnce()) {
            session.unresponsive();
          }
        });
  }

  private static void endAll(List<Session> dying, EndReason reason) {
    each(dying, session -> session.end(reason));
  }

  /// Does something with each of several sessions: a fault in one spares those after it.
  private static void each(List<Session> sessions, Consumer<Session> work) {
    for (Session session : sessions) {
      try {
        work.accept(session);
      } catch (RuntimeException fault) {
        LOG.error("SESSION-9003 fault in what is done with each session, at {}", session, fault);
      }
    }
  }

  private List<Session> all() {
    synchronized (lock) {
      return byDevice.values().stream().flatMap(Set::stream).toList();
    }
  }

  StreamLog log() {
    return log;
  }

  Instant now() {
    return clock.instant();
  }
}
