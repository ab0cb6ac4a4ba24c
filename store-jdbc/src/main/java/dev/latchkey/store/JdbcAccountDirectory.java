// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import dev.latchkey.chat.AccountDirectory;
import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Domain;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The directory of accounts over SQLite: one query each, and nothing of it is sealed.
///
/// Thread-safe. Callers wait for the disk, but no native code runs on their threads.
final class JdbcAccountDirectory implements AccountDirectory {
  /// Said this way, so that the index over addresses, which leaves deleted accounts out, is used.
  private static final String IN_USE = " AND status <> 'deleted' AND status <> 'reserved'";

  static final String BY_ADDRESS =
      "SELECT id FROM account WHERE domain = ? AND localpart = ?" + IN_USE;

  /// How many addresses one statement asks for at most; there is one for each power of four up to
  /// it, so that few statements are kept prepared.
  private static final int MOST = 256;

  private static final int STEP = 4;

  private static final String POSITION = "(SELECT position FROM account WHERE id = ?)";

  private final Database database;

  JdbcAccountDirectory(Database database) {
    this.database = database;
  }

  @Override
  public Optional<AccountId> find(AccountJid jid) {
    return database.read(
        sql ->
            sql.first(
                BY_ADDRESS,
                row -> new AccountId(row.text("id")),
                jid.domain().name(),
                jid.localpart()));
  }

  @Override
  public Map<AccountJid, AccountId> find(Collection<AccountJid> jids) {
    List<AccountJid> asked = jids.stream().distinct().toList();
    if (asked.isEmpty()) {
      return Map.of();
    }
    return database.read(
        sql -> {
          Map<AccountJid, AccountId> found = new HashMap<>();
          for (int from = 0; from < asked.size(); from += MOST) {
            find(sql, asked.subList(from, Math.min(from + MOST, asked.size())), found);
          }
          return Map.copyOf(found);
        });
  }

  private static void find(Sql sql, List<AccountJid> jids, Map<AccountJid, AccountId> found)
      throws SQLException {
    int size = 1;
    while (size < jids.size()) {
      size *= STEP;
    }
    List<Object> values = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      AccountJid jid = jids.get(Math.min(i, jids.size() - 1)); // the last one fills up
      values.add(jid.domain().name());
      values.add(jid.localpart());
    }
    sql.list(
            byAddresses(size),
            row -> Map.entry(address(row), new AccountId(row.text("id"))),
            values.toArray())
        .forEach(entry -> found.put(entry.getKey(), entry.getValue()));
  }

  static String byAddresses(int size) {
    return "SELECT domain, localpart, id FROM account WHERE (domain, localpart) IN (VALUES (?, ?)"
        + ", (?, ?)".repeat(size - 1)
        + ")"
        + IN_USE;
  }

  private static AccountJid address(Row row) throws SQLException {
    return new AccountJid(row.text("localpart"), new Domain(row.text("domain")));
  }

  @Override
  public Optional<AccountJid> address(AccountId account) {
    return database.read(
        sql ->
            sql.first(
                "SELECT domain, localpart FROM account WHERE id = ?" + IN_USE,
                JdbcAccountDirectory::address,
                account.value()));
  }

  @Override
  public Map<AccountId, AccountJid> leftovers() {
    return database.read(
        sql -> {
          Map<AccountId, AccountJid> found = new LinkedHashMap<>();
          sql.list(
                  """
                  SELECT a.id, a.domain, a.localpart
                  FROM leftover l JOIN account a ON a.position = l.account
                  ORDER BY l.account
                  """,
                  row -> Map.entry(new AccountId(row.text("id")), address(row)))
              .forEach(entry -> found.put(entry.getKey(), entry.getValue()));
          return found;
        });
  }

  @Override
  public boolean isKnown(AccountId deleted) {
    return database.read(
        sql ->
            sql.first(
                    "SELECT 1 FROM leftover WHERE known AND account = " + POSITION,
                    _ -> true,
                    deleted.value())
                .isPresent());
  }

  @Override
  public void forgotten(AccountId deleted) {
    database.write(
        sql ->
            sql.update(
                "UPDATE leftover SET known = 0 WHERE account = " + POSITION, deleted.value()));
  }

  @Override
  public void cleared(AccountId account) {
    database.write(
        sql -> sql.update("DELETE FROM leftover WHERE account = " + POSITION, account.value()));
  }
}
