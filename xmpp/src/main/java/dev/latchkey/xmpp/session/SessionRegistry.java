// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.session;

import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.DeviceId;
import dev.latchkey.credential.Resource;
import dev.latchkey.devices.LiveSessions;
import dev.latchkey.devices.RevokedDevice;
import dev.latchkey.wire.socket.Connection;
import dev.latchkey.xmpp.stream.StreamLog;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;

/// The one table of everything that is signed in, whatever it is doing, and the memory of what was
/// revoked.
///
/// A login enters here before a byte of success is answered, and a revocation looks here after it
/// is written. Whichever comes second finds the other: a session that is registered is found by the
/// revocation, and one that comes later is refused by the memory (rule 39).
///
/// Thread-safe; nothing here waits for the store.
public final class SessionRegistry implements LiveSessions {
  /// Longer than any sign-in may take.
  private static final Duration MEMORY = Duration.ofMinutes(15);

  private static final int RESOURCE_OCTETS = 6;

  private final StreamLog log;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final Executor workers;

  private final Object lock = new Object();
  private final Map<DeviceId, Set<Session>> byDevice = new HashMap<>();
  private final Map<AccountId, Map<Resource, Session>> bound = new HashMap<>();
  private final Map<DeviceId, Revoked> revoked = new LinkedHashMap<>();

  private record Revoked(long generation, Instant at) {}

  /// @param workers runs what sessions do; a virtual thread each
  public SessionRegistry(
      StreamLog log, InstantSource clock, RandomGenerator random, Executor workers) {
    this.log = log;
    this.clock = clock;
    this.random = random;
    this.workers = workers;
  }

  /// Enters a device whose proof was checked.
  ///
  /// @param afterwards run once when the session is over, whatever ended it
  /// @return nothing if the device was revoked since the proof was checked
  public Optional<Session> register(
      SessionIdentity identity, Connection connection, Runnable afterwards) {
    synchronized (lock) {
      Revoked since = revoked.get(identity.device());
      if (since != null && since.generation() > identity.generation()) {
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

  void remove(Session session) {
    synchronized (lock) {
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

  /// Ends every connection of the devices and remembers them, so that a login in flight dies too.
  @Override
  public void end(AccountId account, List<RevokedDevice> devices) {
    List<Session> dying = new ArrayList<>();
    Instant now = clock.instant();
    synchronized (lock) {
      revoked.values().removeIf(old -> old.at().plus(MEMORY).isBefore(now));
      for (RevokedDevice device : devices) {
        revoked.put(device.device(), new Revoked(device.generation(), now));
        dying.addAll(byDevice.getOrDefault(device.device(), Set.of()));
      }
    }
    dying.forEach(session -> session.end(EndReason.REVOKED));
  }

  @Override
  public boolean isConnected(DeviceId device) {
    synchronized (lock) {
      return byDevice.containsKey(device);
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
    dying.forEach(session -> session.end(EndReason.KICKED));
    return dying.size();
  }

  @Override
  public void endAll(AccountId account) {
    of(account).forEach(session -> session.end(EndReason.DISABLED));
  }

  private List<Session> of(AccountId account) {
    return all().stream().filter(session -> session.identity().account().equals(account)).toList();
  }

  /// Ends all.
  public void endAll(EndReason reason) {
    all().forEach(session -> session.end(reason));
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
    for (Session session : all()) {
      if (session.resource().isPresent()
          && session.lastHeard().isBefore(before)
          && session.pingOnce()) {
        session.end(EndReason.UNRESPONSIVE);
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
