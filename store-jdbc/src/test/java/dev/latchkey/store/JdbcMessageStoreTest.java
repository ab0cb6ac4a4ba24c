// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.chat.history.ArchiveQuery;
import dev.latchkey.chat.history.Copy;
import dev.latchkey.chat.history.Kept;
import dev.latchkey.chat.history.MessageStore;
import dev.latchkey.chat.history.MessageStoreContract;
import dev.latchkey.chat.history.Room;
import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.Jid;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class JdbcMessageStoreTest extends MessageStoreContract {
  private static final Jid PEER = Jid.parse("romeo@montague.example/orchard");

  @TempDir private Path folder;
  private Database database;
  private JdbcMessageStore store;

  private static final Room ROOM = new Room(9, 1L << 40, 1L << 40);

  @BeforeEach
  void begin() {
    database = open();
    store = new JdbcMessageStore(database, random);
    makeAccounts();
  }

  private Database open() {
    return Database.open(folder.resolve("test.db"), Limits.USUAL, new NoCompanion(), _ -> true);
  }

  @AfterEach
  void close() {
    database.close();
  }

  private static final class NoCompanion implements Database.Companion {
    @Override
    public boolean isWaiting() {
      return false;
    }

    @Override
    public void write(Sql sql) {}

    @Override
    public void committed(Sql sql) {}
  }

  @Override
  protected MessageStore store() {
    return store;
  }

  @Override
  protected AccountId newAccount(String localpart) {
    AccountId id = new AccountId("acct-" + localpart);
    database.write(
        sql ->
            sql.update(
                "INSERT INTO account (id, localpart, domain, status, version, created)"
                    + " VALUES (?, ?, 'capulet.example', 'active', 0, ?)",
                id.value(),
                localpart,
                NOW));
    return id;
  }

  private long rows(String table) {
    return database.read(
        sql ->
            sql.first("SELECT COUNT(*) AS n FROM " + table, row -> row.number("n")).orElseThrow());
  }

  private void keep(String body, Copy... copies) {
    store.keep(message(body), List.of(copies), NOW, ROOM);
  }

  @Test
  void oneBodyServesAllWhoKeepItAndGoesWithTheLast() {
    AccountId sender = newAccount("sender");
    AccountId recipient = newAccount("recipient");
    keep("hello", new Copy(sender, PEER, true, false), new Copy(recipient, PEER, true, true));
    assertThat(rows("message")).isOne();
    store.forget(sender);
    assertThat(rows("message")).isOne();
    store.expire(NOW.plusSeconds(1), 9);
    assertThat(rows("message")).isOne();
    store.delivered(
        recipient, List.of(store.offline(recipient, Optional.empty(), 1).getFirst().id()));
    assertThat(rows("message")).isZero();
  }

  @Test
  void aBodyOutlivesItsWaiting() {
    AccountId recipient = newAccount("recipient");
    keep("hello", new Copy(recipient, PEER, true, true));
    store.clearOffline(recipient);
    assertThat(rows("message")).isOne();
    assertThat(store.undelivered(recipient, store.ends(recipient).orElseThrow().last(), ROOM))
        .isTrue();
    store.expire(NOW.plusSeconds(1), 9);
    assertThat(rows("message")).isOne();
    store.forget(recipient);
    assertThat(rows("message")).isZero();
  }

  @Test
  void whatNobodyKeepsIsNotWritten() {
    keep("hello");
    keep("hello", new Copy(newAccount("sender"), PEER, false, false));
    assertThat(rows("message")).isZero();
  }

  @Test
  void nothingIsLeftOfAForgottenAccount() {
    AccountId account = newAccount("account");
    IntStream.range(0, 1_100)
        .parallel() // so that they share transactions
        .forEach(i -> keep("hello", new Copy(account, PEER, true, i == 7)));
    store.forget(account);
    for (String table :
        List.of("archive", "offline", "message", "peer", "history", "history_exception")) {
      assertThat(rows(table)).as(table).isZero();
    }
  }

  @Test
  void peersGoWithTheirLastMessage() {
    AccountId account = newAccount("account");
    keep("old", new Copy(account, PEER, true, false));
    keep("old", new Copy(account, PEER.bare(), true, false));
    assertThat(rows("peer")).isEqualTo(2);
    store.expire(NOW.plusSeconds(1), 1);
    assertThat(rows("peer")).isOne();
    store.expire(NOW.plusSeconds(1), 1);
    assertThat(rows("peer")).isZero();
  }

  @Test
  void keepsNothingForWhoIsNotThereOrIsDeleted() {
    AccountId deleted = newAccount("deleted");
    AccountId there = newAccount("there");
    database.write(
        sql -> sql.update("UPDATE account SET status = 'deleted' WHERE id = ?", deleted.value()));
    Kept kept =
        store.keep(
            message("hello"),
            List.of(
                new Copy(deleted, PEER, true, true),
                new Copy(new AccountId("acct-nobody"), PEER, true, true),
                new Copy(there, PEER, true, false)),
            NOW,
            ROOM);
    assertThat(kept)
        .isEqualTo(
            new Kept.Written(Map.of(there, store.ends(there).orElseThrow().last()), Set.of()));
    assertThat(rows("offline")).isZero();
    assertThat(rows("archive")).isOne();
  }

  @Test
  void everyPageIsFoundThroughAnIndex() {
    for (String column : List.of("account", "bare", "exact")) {
      List<String> plan =
          database.read(
              sql ->
                  sql.list(
                      "EXPLAIN QUERY PLAN " + MessagePages.pageOf(column, true),
                      row -> row.text("detail"),
                      1,
                      0,
                      Long.MAX_VALUE,
                      50));
      assertThat(plan)
          .hasSize(2) // the index, then the body of each row
          .first()
          .asString()
          .startsWith("SEARCH")
          .contains(column + "=? AND id>? AND id<?");
    }
  }

  @Test
  void keptMessagesAreThereWhenTheDatabaseIsOpenedAgain() {
    AccountId account = newAccount("account");
    keep("hello", new Copy(account, PEER, true, true));
    database.close();
    database = open();
    store = new JdbcMessageStore(database, random);
    assertThat(store.offline(account, Optional.empty(), 9)).hasSize(1);
    assertThat(store.archivePage(account, ArchiveQuery.last(9)).toString()).contains("message");
  }
}
