// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.InvalidJidException;
import dev.latchkey.credential.Jid;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/// The row a result stands on, in the model's types. Good only until the next row.
final class Row {
  private final ResultSet result;
  private final Map<String, Integer> columns;

  /// @param columns where each column stands, counted from 1
  Row(ResultSet result, Map<String, Integer> columns) {
    this.result = result;
    this.columns = columns;
  }

  private int index(String column) {
    Integer index = columns.get(column);
    if (index == null) {
      throw new IllegalArgumentException("the statement gives no column " + column);
    }
    return index;
  }

  String text(String column) throws SQLException {
    return required(column, result.getString(index(column)));
  }

  Optional<String> optionalText(String column) throws SQLException {
    return Optional.ofNullable(result.getString(index(column)));
  }

  long number(String column) throws SQLException {
    long number = result.getLong(index(column));
    if (result.wasNull()) {
      throw missing(column);
    }
    return number;
  }

  boolean flag(String column) throws SQLException {
    return number(column) != 0;
  }

  Bytes octets(String column) throws SQLException {
    return Bytes.of(required(column, result.getBytes(index(column))));
  }

  Optional<Bytes> optionalOctets(String column) throws SQLException {
    return Optional.ofNullable(result.getBytes(index(column))).map(Bytes::of);
  }

  Instant time(String column) throws SQLException {
    return Times.time(text(column));
  }

  Optional<Instant> optionalTime(String column) throws SQLException {
    return optionalText(column).map(Times::time);
  }

  /// @param owner whose row it is
  /// @throws UnreadableRowException if it is none
  Jid address(String column, AccountId owner) throws SQLException {
    try {
      return Jid.parse(text(column));
    } catch (InvalidJidException none) {
      throw UnreadableRowException.ofAddress(owner, none);
    }
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
