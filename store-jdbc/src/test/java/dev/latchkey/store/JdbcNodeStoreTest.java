// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.chat.eventing.Bounds;
import dev.latchkey.chat.eventing.Item;
import dev.latchkey.chat.eventing.NodeConfiguration;
import dev.latchkey.chat.eventing.NodeStore;
import dev.latchkey.chat.eventing.NodeStore.Outcome;
import dev.latchkey.chat.eventing.NodeStoreContract;
import dev.latchkey.credential.Jid;
import dev.latchkey.testkit.Spec;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class JdbcNodeStoreTest extends NodeStoreContract {
  @TempDir private Path folder;
  private Database database;
  private NodeStore store;

  @BeforeEach
  void open() {
    database =
        Database.open(
            folder.resolve("test.db"), Limits.USUAL, List.of(), JdbcNodeStoreTest::accounts);
    store = new JdbcNodeStore(database);
  }

  private static boolean accounts(Sql sql) throws SQLException {
    for (String id : List.of(NINA.value(), OTTO.value())) {
      sql.update(
          """
          INSERT INTO account (id, localpart, domain, status, version, created)
          VALUES (?1, ?1, 'chat.example', 'active', 1, '2026-01-01T00:00:00.000000000Z')
          """,
          id);
    }
    return true;
  }

  @AfterEach
  void close() {
    database.close();
  }

  @Override
  protected NodeStore store() {
    return store;
  }

  @Test
  @Spec(doc = "latchkey", section = "4", rule = "a session that outlives its account keeps nothing")
  void nothingIsPublishedForADeletedAccount() {
    database.write(
        sql -> sql.update("UPDATE account SET status = 'deleted' WHERE id = ?", NINA.value()));
    NodeConfiguration usual = NodeConfiguration.usual(Bounds.USUAL);
    Item item =
        new Item("a", Optional.empty(), Jid.parse("nina@chat.example/phone"), Instant.EPOCH);

    assertThat(store.create(NINA, "n", usual, Bounds.USUAL)).isEqualTo(Outcome.FULL);
    assertThat(store.publish(NINA, "n", Optional.empty(), usual, List.of(item), Bounds.USUAL))
        .isEqualTo(Outcome.FULL);
    assertThat(store.nodes(NINA)).isEmpty();
  }
}
