// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Secret;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/// All tables of a database as text, for tests that say "nothing was changed" or "this is not in
/// it". What a store holds back ("last seen") is not there yet.
///
/// @param text one line for each row, tables and rows in a fixed order; blobs in hexadecimal
public record DatabaseDump(String text) {
  /// Reads the database of a store; the store may be open.
  public static DatabaseDump of(Path database) {
    SQLiteConfig config = new SQLiteConfig();
    config.setReadOnly(true);
    SQLiteDataSource source = new SQLiteDataSource(config);
    source.setUrl("jdbc:sqlite:" + database);
    StringBuilder text = new StringBuilder();
    try (Connection connection = source.getConnection();
        Statement statement = connection.createStatement()) {
      for (String table : tables(statement)) {
        List<String> rows = new ArrayList<>();
        try (ResultSet result = statement.executeQuery("SELECT * FROM \"" + table + "\"")) {
          while (result.next()) {
            rows.add(row(table, result));
          }
        }
        rows.stream().sorted().forEach(row -> text.append(row).append('\n'));
      }
    } catch (SQLException broken) {
      throw new AssertionError("no dump of " + database, broken);
    }
    return new DatabaseDump(text.toString());
  }

  private static List<String> tables(Statement statement) throws SQLException {
    List<String> tables = new ArrayList<>();
    try (ResultSet result =
        statement.executeQuery("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY 1")) {
      while (result.next()) {
        tables.add(result.getString(1));
      }
    }
    return tables;
  }

  private static String row(String table, ResultSet result) throws SQLException {
    StringBuilder row = new StringBuilder(table);
    for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
      Object value = result.getObject(i);
      row.append(' ')
          .append(result.getMetaData().getColumnName(i))
          .append('=')
          .append(value instanceof byte[] octets ? "x" + Bytes.of(octets).toHex() : value);
    }
    return row.toString();
  }

  /// Whether the octets stand in it, as they are, in hexadecimal or in base64.
  public boolean holds(Bytes octets) {
    return text.contains(octets.toHex())
        || text.contains(octets.toBase64())
        || octets.toUtf8().filter(text::contains).isPresent();
  }

  /// Whether the secret stands in it.
  public boolean holds(Secret secret) {
    return holds(secret.reveal());
  }
}
