// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.credential.AccountId;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Databases of older Latchkeys, of whose deleted accounts something may be left.
final class LeftoverMigrationTest {
  @TempDir private Path temporary;

  private Path database(List<String> rows) throws SQLException {
    Path file = temporary.resolve("test.db");
    Flyway.configure()
        .dataSource("jdbc:sqlite:" + file, null, null)
        .locations("classpath:dev/latchkey/store/migrations")
        .target("12")
        .load()
        .migrate();
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = connection.createStatement()) {
      for (String row : rows) {
        statement.execute("INSERT INTO " + row);
      }
    }
    return file;
  }

  private static String account(int position, String name, String domain, String status) {
    return """
    account (position, id, localpart, domain, status, version, created)
    VALUES (%1$d, 'acct-%1$d', '%2$s', '%3$s', '%4$s', 1, '2026-01-01T00:00:00.000000000Z')
    """
        .formatted(position, name, domain, status);
  }

  @Test
  void whoHasANameByNowLosesNoContacts() throws SQLException {
    Path file =
        database(
            List.of(
                account(1, "nina", "chat.example", "deleted"),
                account(2, "nina", "chat.example", "deleted"),
                account(3, "nina", "chat.example", "active"),
                account(4, "otto", "chat.example", "deleted"),
                account(5, "otto", "else.example", "active"),
                "leftover (account) VALUES (1), (2), (4)"));
    try (Database database = Database.open(file, Limits.USUAL, List.of(), _ -> true)) {
      JdbcAccountDirectory directory = new JdbcAccountDirectory(database);
      assertThat(directory.leftovers()).hasSize(3);
      assertThat(directory.isKnown(new AccountId("acct-1"))).isFalse();
      assertThat(directory.isKnown(new AccountId("acct-2"))).isFalse();
      assertThat(directory.isKnown(new AccountId("acct-4"))).isTrue();
    }
  }
}
