// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.credential.Bytes;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DatabaseDumpTest {
  @TempDir private Path folder;

  @Test
  void showsEveryChangeAndFindsTextAndOctets() throws Exception {
    Path file = folder.resolve("test.db");
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE kept (text TEXT, octets BLOB)");
      statement.execute("INSERT INTO kept VALUES ('a word', x'00ff10')");
      DatabaseDump before = DatabaseDump.of(file);
      assertThat(before).isEqualTo(DatabaseDump.of(file));
      assertThat(before.holds(Bytes.utf8("a word"))).isTrue();
      assertThat(before.holds(Bytes.hex("00ff10"))).isTrue();
      assertThat(before.holds(Bytes.hex("00ff11"))).isFalse();
      assertThat(before.holds(Bytes.utf8("another"))).isFalse();
      try (PreparedStatement insert =
          connection.prepareStatement("INSERT INTO kept VALUES ('b', ?)")) {
        insert.setBytes(1, Bytes.utf8("inside").toArray());
        insert.execute();
      }
      DatabaseDump after = DatabaseDump.of(file);
      assertThat(after).isNotEqualTo(before);
      assertThat(after.holds(Bytes.utf8("inside"))).isTrue();
    }
  }
}
