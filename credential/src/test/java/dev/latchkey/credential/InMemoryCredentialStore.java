// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.credential;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The credential store without a disk, held to the same contract as the one with.
public final class InMemoryCredentialStore implements CredentialStore {
  private Map<AccountId, Account> accounts = new LinkedHashMap<>();
  private Map<DeviceId, Device> devices = new LinkedHashMap<>();
  private Map<CredentialId, Credential> credentials = new LinkedHashMap<>();
  private Map<AccountId, List<Event>> events = new HashMap<>();
  private List<Withdrawal> withdrawals = new ArrayList<>();

  @Override
  public synchronized Optional<AccountSnapshot> find(AccountJid jid) {
    return accounts.values().stream()
        .filter(a -> a.jid().equals(jid) && a.status() != AccountStatus.DELETED)
        .findAny()
        .map(this::snapshot);
  }

  @Override
  public Optional<AccountSnapshot> remembered(AccountJid jid) {
    return find(jid);
  }

  @Override
  public synchronized Optional<AccountSnapshot> find(AccountId id) {
    return Optional.ofNullable(accounts.get(id)).map(this::snapshot);
  }

  private AccountSnapshot snapshot(Account account) {
    return new AccountSnapshot(
        account,
        devices.values().stream().filter(d -> d.account().equals(account.id())).toList(),
        credentials.values().stream().filter(c -> c.account().equals(account.id())).toList());
  }

  @Override
  public synchronized List<CertificateHolder> holdersOf(Bytes fingerprint) {
    List<CertificateHolder> holders = new ArrayList<>();
    for (Credential credential : credentials.values()) {
      if (credential.verifier() instanceof Verifier.Certificate certificate
          && certificate.fingerprint().equals(fingerprint)) {
        holders.add(CertificateHolder.of(find(credential.account()).orElseThrow(), credential));
      }
    }
    return holders;
  }

  @Override
  public synchronized List<Account> accounts() {
    return accounts.values().stream()
        .filter(account -> account.status() != AccountStatus.DELETED)
        .sorted(Comparator.comparing(account -> account.jid().toString()))
        .toList();
  }

  @Override
  public synchronized List<Event> events(AccountId account, long after, int limit) {
    return events.getOrDefault(account, List.of()).stream()
        .filter(event -> event.seq() > after)
        .limit(limit)
        .toList();
  }

  /// What the revocation log outside the database would hold.
  public synchronized List<Withdrawal> withdrawals() {
    return List.copyOf(withdrawals);
  }

  @Override
  public synchronized Commit commit(List<CredentialChange> changes) {
    Map<AccountId, Account> accountsBefore = new LinkedHashMap<>(accounts);
    Map<DeviceId, Device> devicesBefore = new LinkedHashMap<>(devices);
    Map<CredentialId, Credential> credentialsBefore = new LinkedHashMap<>(credentials);
    Map<AccountId, List<Event>> eventsBefore = new HashMap<>(events);
    List<Withdrawal> withdrawalsBefore = List.copyOf(withdrawals);
    Set<AccountId> guarded = new HashSet<>();
    Set<AccountId> changed = new HashSet<>();
    try {
      for (CredentialChange change : changes) {
        if (!apply(change, guarded, changed)) {
          accounts = accountsBefore;
          devices = devicesBefore;
          credentials = credentialsBefore;
          events = eventsBefore;
          withdrawals = new ArrayList<>(withdrawalsBefore);
          return new Commit.Lost(change);
        }
      }
    } catch (IllegalArgumentException unguarded) {
      accounts = accountsBefore;
      devices = devicesBefore;
      credentials = credentialsBefore;
      events = eventsBefore;
      withdrawals = new ArrayList<>(withdrawalsBefore);
      throw unguarded;
    }
    changed.forEach(this::raiseVersion);
    return new Commit.Committed();
  }

  @Override
  public synchronized int removeExpired(Instant before, int limit) {
    List<Credential> expired =
        credentials.values().stream()
            .filter(token -> token.kind().lapses())
            .filter(token -> token.expires().filter(date -> date.isBefore(before)).isPresent())
            .sorted(Comparator.comparing(token -> token.expires().orElseThrow()))
            .limit(limit)
            .toList();
    expired.forEach(token -> credentials.remove(token.id()));
    expired.stream().map(Credential::account).distinct().forEach(this::raiseVersion);
    return expired.size();
  }

  private void raiseVersion(AccountId id) {
    accounts.computeIfPresent(
        id, (_, a) -> new Account(a.id(), a.jid(), a.status(), a.version() + 1, a.created()));
  }

  private boolean apply(CredentialChange change, Set<AccountId> guarded, Set<AccountId> changed) {
    switch (change) {
      case CredentialChange.RequireVersion(AccountId id, long version) -> {
        Account account = accounts.get(id);
        guarded.add(id);
        return account != null && account.version() == version;
      }
      case CredentialChange.RequireDevice(DeviceId id, long generation) -> {
        Device device = devices.get(id);
        return device != null
            && find(device.account()).orElseThrow().acting(id, generation).isPresent();
      }
      case CredentialChange.PutAccount(Account account) -> {
        Account before = accounts.get(account.id());
        if (before == null) {
          guarded.add(account.id());
        }
        guard(account.id(), guarded, changed);
        boolean taken =
            account.status() != AccountStatus.DELETED
                && find(account.jid())
                    .filter(other -> !other.account().id().equals(account.id()))
                    .isPresent();
        accounts.put(
            account.id(),
            new Account(
                account.id(),
                account.jid(),
                account.status(),
                before == null ? 0 : before.version(),
                account.created()));
        return !taken;
      }
      case CredentialChange.PutDevice(Device device) -> {
        guard(device.account(), guarded, changed);
        Device before = devices.get(device.id());
        require(before == null || before.account().equals(device.account()));
        require(device.parent().map(parent -> has(device.account(), parent)).orElse(true));
        devices.put(device.id(), device);
        if (before != null) {
          before.lastSeen().ifPresent(at -> touch(device.id(), at));
        }
        return true;
      }
      case CredentialChange.PutCredential(Credential credential) -> {
        guard(credential.account(), guarded, changed);
        Credential before = credentials.get(credential.id());
        require(
            before == null
                || (before.account().equals(credential.account())
                    && before.kind() == credential.kind()));
        require(credential.device().map(id -> has(credential.account(), id)).orElse(true));
        credentials.put(credential.id(), credential);
        return true;
      }
      case CredentialChange.RemoveCredential(AccountId account, CredentialId id) -> {
        guard(account, guarded, changed);
        Credential before = credentials.get(id);
        if (before != null && before.account().equals(account)) {
          require(before.kind().lapses());
          credentials.remove(id);
        }
        return true;
      }
      case CredentialChange.Touch(AccountId _, DeviceId id, Instant at) -> {
        touch(id, at);
        return true;
      }
      case CredentialChange.Append(Event event) -> {
        require(accounts.containsKey(event.account()));
        List<Event> log = new ArrayList<>(events.getOrDefault(event.account(), List.of()));
        log.add(
            new Event(
                log.isEmpty() ? 1 : log.getLast().seq() + 1,
                event.account(),
                event.at(),
                event.kind(),
                event.actor(),
                event.device(),
                event.credential(),
                event.reason()));
        log.stream()
            .filter(logged -> logged.kind() == event.kind())
            .sorted(Comparator.comparingLong(Event::seq).reversed())
            .skip(EVENTS_OF_A_KIND)
            .toList()
            .forEach(log::remove);
        events.put(event.account(), log);
        return true;
      }
      case CredentialChange.Withdraw(Withdrawal withdrawal) -> {
        withdrawals.add(withdrawal);
        return true;
      }
    }
  }

  private boolean has(AccountId account, DeviceId id) {
    Device device = devices.get(id);
    return device != null && device.account().equals(account);
  }

  private void touch(DeviceId id, Instant at) {
    devices.computeIfPresent(
        id,
        (_, d) ->
            d.lastSeen().filter(seen -> !seen.isBefore(at)).isPresent()
                ? d
                : new Device(
                    d.id(),
                    d.account(),
                    d.name(),
                    d.status(),
                    d.generation(),
                    d.permissions(),
                    d.resourceLock(),
                    d.parent(),
                    d.origin(),
                    d.unbound(),
                    d.firstSeen(),
                    Optional.of(at)));
  }

  private static void require(boolean isThere) {
    if (!isThere) {
      throw new IllegalArgumentException(
          "a change names an account or a device that is not there, or moves what is");
    }
  }

  private static void guard(AccountId account, Set<AccountId> guarded, Set<AccountId> changed) {
    if (!guarded.contains(account)) {
      throw new IllegalArgumentException("a change of account " + account + " without its version");
    }
    changed.add(account);
  }
}
