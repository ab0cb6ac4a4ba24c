// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import dev.latchkey.chat.eventing.NodeStore;
import dev.latchkey.chat.eventing.NodeStoreContract;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
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
}
