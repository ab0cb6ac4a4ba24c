// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.credential.AccountId;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// A database with accounts and nothing else, for the stores of the chat rooms.
final class ChatDatabase implements AutoCloseable {
  private final Database database;
  private int accounts;

  ChatDatabase(Path folder) {
    database = Database.open(folder.resolve("test.db"), Limits.USUAL, List.of(), _ -> true);
  }

  Database database() {
    return database;
  }

  AccountId newAccount() {
    AccountId id = new AccountId("acct-" + ++accounts);
    database.write(
        sql ->
            sql.update(
                "INSERT INTO account (id, localpart, domain, status, version, created)"
                    + " VALUES (?1, ?1, 'example.org', 'active', 0, ?2)",
                id.value(),
                Instant.EPOCH));
    return id;
  }

  void delete(AccountId account) {
    database.write(
        sql -> sql.update("UPDATE account SET status = 'deleted' WHERE id = ?", account.value()));
  }

  /// Puts in an address that none of this version is, as an older one may have done.
  void spoil(String table, String column, String address) {
    spoil(database, table, column, address);
  }

  static void spoil(Database database, String table, String column, String address) {
    int spoiled =
        database.write(
            sql ->
                sql.update(
                    "UPDATE %s SET %2$s = 'x@\uab66' WHERE %2$s = ?".formatted(table, column),
                    address));
    assertThat(spoiled).isPositive();
  }

  /// Makes elements that hold a word ones that no reader takes, as an older version may have
  /// written them.
  void spoilElement(String table, String column, String word) {
    spoilElement(database, table, column, word);
  }

  static void spoilElement(Database database, String table, String column, String word) {
    int spoiled =
        database.write(
            sql ->
                sql.update(
                    """
                    UPDATE %1$s SET %2$s = '<x xmlns="http://www.w3.org/XML/1998/namespace"/>'
                    WHERE instr(%2$s, ?) > 0
                    """
                        .formatted(table, column),
                    word));
    assertThat(spoiled).isPositive();
  }

  /// What an account's history counts: octets archived, messages and octets that wait; nothing if
  /// it has none.
  static Optional<List<Long>> counted(Database database, AccountId account) {
    return database.read(
        sql ->
            sql.first(
                "SELECT archived_octets, waiting, waiting_octets FROM history"
                    + " WHERE account = (SELECT position FROM account WHERE id = ?)",
                row ->
                    List.of(
                        row.number("archived_octets"),
                        row.number("waiting"),
                        row.number("waiting_octets")),
                account.value()));
  }

  /// How a statement is carried out.
  String plan(String sql, Object... values) {
    List<String> steps =
        database.read(
            it -> it.list("EXPLAIN QUERY PLAN " + sql, row -> row.text("detail"), values));
    return String.join("\n", steps);
  }

  @Override
  public void close() {
    database.close();
  }
}
