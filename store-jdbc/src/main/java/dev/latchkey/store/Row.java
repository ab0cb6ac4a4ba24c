// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import dev.latchkey.credential.Bytes;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;

/// The row a result stands on, in the model's types. Good only until the next row.
final class Row {
  private final ResultSet result;

  Row(ResultSet result) {
    this.result = result;
  }

  String text(String column) throws SQLException {
    return required(column, result.getString(column));
  }

  Optional<String> optionalText(String column) throws SQLException {
    return Optional.ofNullable(result.getString(column));
  }

  long number(String column) throws SQLException {
    long number = result.getLong(column);
    if (result.wasNull()) {
      throw missing(column);
    }
    return number;
  }

  boolean flag(String column) throws SQLException {
    return number(column) != 0;
  }

  Bytes octets(String column) throws SQLException {
    return Bytes.of(required(column, result.getBytes(column)));
  }

  Optional<Bytes> optionalOctets(String column) throws SQLException {
    return Optional.ofNullable(result.getBytes(column)).map(Bytes::of);
  }

  Instant time(String column) throws SQLException {
    return Times.time(text(column));
  }

  Optional<Instant> optionalTime(String column) throws SQLException {
    return optionalText(column).map(Times::time);
  }

  private static <T> T required(String column, @org.jspecify.annotations.Nullable T value) {
    if (value == null) {
      throw missing(column);
    }
    return value;
  }

  private static StoreException missing(String column) {
    return new StoreException("the database holds nothing where it must: column " + column);
  }
}
