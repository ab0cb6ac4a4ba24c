// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import dev.latchkey.credential.Account;
import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.AccountStatus;
import dev.latchkey.credential.Actor;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.CredentialStore;
import dev.latchkey.credential.Device;
import dev.latchkey.credential.DeviceId;
import dev.latchkey.credential.DeviceOrigin;
import dev.latchkey.credential.DeviceStatus;
import dev.latchkey.credential.Domain;
import dev.latchkey.credential.Event;
import dev.latchkey.credential.EventKind;
import dev.latchkey.credential.Permission;
import dev.latchkey.credential.Permissions;
import dev.latchkey.credential.Resource;
import dev.latchkey.credential.Withdrawal;
import java.nio.ByteBuffer;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/// Accounts, devices, events and revocations as rows.
final class AccountRows {
  /// The only statement that adds to the table that the revocation log follows.
  static final String APPEND_REVOCATION =
      "INSERT INTO revocation_log (seq, kind, ref, generation) VALUES (?, ?, ?, ?)";

  /// The only statement after which an account may be deleted.
  static final String UPDATE =
      "UPDATE account SET localpart = ?, domain = ?, status = ?, created = ? WHERE id = ?";

  private static final Words<AccountStatus> ACCOUNT_STATUS =
      Words.of(AccountStatus.class, AccountStatus::word);
  private static final Words<DeviceStatus> DEVICE_STATUS =
      Words.of(DeviceStatus.class, DeviceStatus::word);
  private static final Words<DeviceOrigin> DEVICE_ORIGIN =
      Words.of(DeviceOrigin.class, DeviceOrigin::word);
  private static final Words<Permission> PERMISSION = Words.of(Permission.class, Permission::word);
  private static final Words<EventKind> EVENT_KIND = Words.of(EventKind.class, EventKind::word);

  private AccountRows() {}

  static Optional<Account> account(Sql sql, AccountId id) throws SQLException {
    return sql.first("SELECT * FROM account WHERE id = ?", AccountRows::account, id.value());
  }

  static Optional<Account> account(Sql sql, AccountJid jid) throws SQLException {
    return sql.first(
        "SELECT * FROM account WHERE domain = ? AND localpart = ? AND status <> 'deleted'",
        AccountRows::account,
        jid.domain().name(),
        jid.localpart());
  }

  /// An account that stands in for one that is not there: the next behind a place that only the
  /// name decides. One statement and one row, as [#account].
  ///
  /// @return nothing if there is no account at all
  static Optional<AccountId> standIn(Sql sql, AccountJid nobody) throws SQLException {
    long place = ByteBuffer.wrap(Bytes.utf8(nobody.toString()).sha256().toArray()).getLong();
    return sql.first(
            """
            SELECT COALESCE(
              (SELECT id FROM account WHERE id >= ? AND status <> 'deleted' ORDER BY id LIMIT 1),
              (SELECT id FROM account WHERE status <> 'deleted' ORDER BY id LIMIT 1)) AS id
            """,
            row -> row.optionalText("id").map(AccountId::new),
            AccountId.draw(new SplittableRandom(place)).value())
        .flatMap(id -> id);
  }

  static List<Account> accounts(Sql sql) throws SQLException {
    return sql.list("SELECT * FROM account WHERE status <> 'deleted'", AccountRows::account);
  }

  private static Account account(Row row) throws SQLException {
    return new Account(
        new AccountId(row.text("id")),
        new AccountJid(row.text("localpart"), new Domain(row.text("domain"))),
        ACCOUNT_STATUS.value(row.text("status")),
        row.number("version"),
        row.time("created"));
  }

  static void insert(Sql sql, Account account) throws SQLException {
    sql.update(
        "INSERT INTO account (id, localpart, domain, status, version, created)"
            + " VALUES (?, ?, ?, ?, 0, ?)",
        account.id().value(),
        account.jid().localpart(),
        account.jid().domain().name(),
        account.status().word(),
        account.created());
  }

  /// Writes an account. Of one that is deleted now something may be kept elsewhere, which is noted.
  ///
  /// SECURITY: the same commit takes its address off what others made of it at their nodes, and
  /// notes that they may hold it as a contact, so that whoever is given that address, however soon
  /// and whatever crashes, is taken for nobody else (rule 4). An account that nobody ever used is
  /// as unknown as none (rule 60).
  static void update(Sql sql, Account account) throws SQLException {
    if (account.status() == AccountStatus.DELETED) {
      boolean known = isInUse(sql, account.id());
      sql.update(
          """
          INSERT OR IGNORE INTO leftover (account, known)
          SELECT position, ? FROM account WHERE id = ?
          """,
          known,
          account.id().value());
      if (known) {
        sql.update(JdbcNodeStore.FORGET_PERSON, account.jid().toString());
      }
    }
    sql.update(
        UPDATE,
        account.jid().localpart(),
        account.jid().domain().name(),
        account.status().word(),
        account.created(),
        account.id().value());
  }

  private static boolean isInUse(Sql sql, AccountId id) throws SQLException {
    return account(sql, id)
        .map(Account::status)
        .filter(status -> status == AccountStatus.ACTIVE || status == AccountStatus.DISABLED)
        .isPresent();
  }

  static void raiseVersion(Sql sql, AccountId id) throws SQLException {
    sql.update("UPDATE account SET version = version + 1 WHERE id = ?", id.value());
  }

  static List<Device> devices(Sql sql, AccountId account) throws SQLException {
    return sql.list(
        "SELECT * FROM device WHERE account = ? ORDER BY position",
        AccountRows::device,
        account.value());
  }

  static Optional<Device> device(Sql sql, DeviceId id) throws SQLException {
    return sql.first("SELECT * FROM device WHERE id = ?", AccountRows::device, id.value());
  }

  private static Device device(Row row) throws SQLException {
    return new Device(
        new DeviceId(row.text("id")),
        new AccountId(row.text("account")),
        row.text("name"),
        DEVICE_STATUS.value(row.text("status")),
        row.number("generation"),
        permissions(row.text("permissions")),
        row.optionalText("resource_lock").map(Resource::new),
        row.optionalText("parent").map(DeviceId::new),
        DEVICE_ORIGIN.value(row.text("origin")),
        row.flag("unbound"),
        row.time("first_seen"),
        row.optionalTime("last_seen"));
  }

  /// @throws IllegalArgumentException if the device is in another account
  static void put(Sql sql, Device device) throws SQLException {
    int rows =
        sql.update(
            """
            INSERT INTO device (id, account, name, status, generation, permissions, resource_lock,
              parent, origin, unbound, first_seen, last_seen)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET
              name = excluded.name,
              status = excluded.status,
              generation = excluded.generation,
              permissions = excluded.permissions,
              resource_lock = excluded.resource_lock,
              parent = excluded.parent,
              origin = excluded.origin,
              unbound = excluded.unbound,
              first_seen = excluded.first_seen,
              -- Decided on a view that may have lagged: a later time stays.
              last_seen = COALESCE(MAX(device.last_seen, excluded.last_seen),
                device.last_seen, excluded.last_seen)
            WHERE device.account = excluded.account
            """,
            device.id().value(),
            device.account().value(),
            device.name(),
            device.status().word(),
            device.generation(),
            words(device.permissions()),
            device.resourceLock().map(Resource::name),
            device.parent().map(DeviceId::value),
            device.origin().word(),
            device.unbound(),
            device.firstSeen(),
            device.lastSeen());
    if (rows != 1) {
      throw new IllegalArgumentException("device " + device.id() + " is in another account");
    }
  }

  static void touch(Sql sql, DeviceId device, Instant at) throws SQLException {
    sql.update(
        "UPDATE device SET last_seen = ?1 WHERE id = ?2 AND (last_seen IS NULL OR last_seen < ?1)",
        at,
        device.value());
  }

  static Permissions permissions(String words) {
    return Permissions.of(
        Arrays.stream(words.split(" "))
            .filter(word -> !word.isEmpty())
            .map(PERMISSION::value)
            .toList());
  }

  static String words(Permissions permissions) {
    return permissions.flags().stream()
        .sorted()
        .map(Permission::word)
        .collect(Collectors.joining(" "));
  }

  static void append(Sql sql, Event event) throws SQLException {
    sql.update(
        """
        INSERT INTO event (account, seq, at, kind, actor, actor_id, actor_generation, device,
          credential, reason)
        VALUES (?1, (SELECT COALESCE(MAX(seq), 0) + 1 FROM event WHERE account = ?1),
          ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
        """,
        event.account().value(),
        event.at(),
        event.kind().word(),
        switch (event.actor()) {
          case Actor.Operator _ -> "operator";
          case Actor.Server _ -> "server";
          case Actor.OfDevice _ -> "device";
          case Actor.OfCode _ -> "code";
        },
        switch (event.actor()) {
          case Actor.Operator _, Actor.Server _ -> Optional.empty();
          case Actor.OfDevice(DeviceId device, long _) -> device.value();
          case Actor.OfCode(CredentialId code) -> code.value();
        },
        event.actor() instanceof Actor.OfDevice(DeviceId _, long generation)
            ? generation
            : Optional.empty(),
        event.device().map(DeviceId::value),
        event.credential().map(CredentialId::value),
        event.reason());
    sql.update(
        """
        DELETE FROM event WHERE account = ?1 AND kind = ?2 AND seq <=
          (SELECT seq FROM event WHERE account = ?1 AND kind = ?2
           ORDER BY seq DESC LIMIT 1 OFFSET ?3)
        """,
        event.account().value(),
        event.kind().word(),
        CredentialStore.EVENTS_OF_A_KIND);
  }

  static List<Event> events(Sql sql, AccountId account, long after, int limit) throws SQLException {
    return sql.list(
        "SELECT * FROM event WHERE account = ? AND seq > ? ORDER BY seq LIMIT ?",
        AccountRows::event,
        account.value(),
        after,
        limit);
  }

  private static Event event(Row row) throws SQLException {
    return new Event(
        row.number("seq"),
        new AccountId(row.text("account")),
        row.time("at"),
        EVENT_KIND.value(row.text("kind")),
        switch (row.text("actor")) {
          case "operator" -> new Actor.Operator();
          case "server" -> new Actor.Server();
          case "device" ->
              new Actor.OfDevice(
                  new DeviceId(row.text("actor_id")), row.number("actor_generation"));
          case "code" -> new Actor.OfCode(new CredentialId(row.text("actor_id")));
          default -> throw new StoreException("the database holds no actor: " + row.text("actor"));
        },
        row.optionalText("device").map(DeviceId::new),
        row.optionalText("credential").map(CredentialId::new),
        row.optionalText("reason"));
  }

  static void append(Sql sql, Withdrawal withdrawal) throws SQLException {
    append(sql, new Revocation(lastRevocation(sql) + 1, withdrawal));
  }

  static void append(Sql sql, Revocation revocation) throws SQLException {
    sql.update(
        APPEND_REVOCATION,
        revocation.seq(),
        revocation.kind(),
        revocation.ref(),
        revocation.generation());
  }

  static long lastRevocation(Sql sql) throws SQLException {
    return sql.list(
            "SELECT COALESCE(MAX(seq), 0) AS last FROM revocation_log", row -> row.number("last"))
        .getFirst();
  }

  static List<Revocation> revocationsAfter(Sql sql, long seq) throws SQLException {
    return sql.list(
        "SELECT * FROM revocation_log WHERE seq > ? ORDER BY seq",
        row ->
            Revocation.of(
                row.number("seq"), row.text("kind"), row.text("ref"), row.number("generation")),
        seq);
  }
}
