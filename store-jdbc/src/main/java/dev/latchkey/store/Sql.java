// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import dev.latchkey.credential.Bytes;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;

/// One connection and its prepared statements. Owned by one platform thread; not thread-safe.
final class Sql implements AutoCloseable {
  /// Makes a value of a row.
  interface Mapper<T> {
    T map(Row row) throws SQLException;
  }

  /// Looks at a row.
  interface Visitor {
    /// Looks, and tells whether to go on.
    boolean visit(Row row) throws SQLException;
  }

  private final Connection connection;
  private final LeftOut leftOut;
  private final Map<String, PreparedStatement> prepared = new HashMap<>();
  private final Map<String, Map<String, Integer>> columns = new HashMap<>();
  private final Map<String, Long> updates = new HashMap<>();
  private final LongAdder rows = new LongAdder();

  /// @param leftOut learns of rows that cannot be read
  Sql(Connection connection, LeftOut leftOut) {
    this.connection = connection;
    this.leftOut = leftOut;
  }

  /// How often a statement has been [run][#update] on this connection.
  long updatesOf(String sql) {
    return updates.getOrDefault(sql, 0L);
  }

  /// How many rows were looked at on this connection; any thread may ask.
  long rows() {
    return rows.sum();
  }

  /// Runs a statement that takes and gives nothing.
  void execute(String sql) throws SQLException {
    try {
      bound(sql).execute();
    } catch (SQLException failed) {
      throw forgotten(sql, failed);
    }
  }

  /// Changes rows.
  ///
  /// @param values in the order of the question marks: texts, numbers, flags, octets, times, or
  ///   optional ones
  /// @return how many rows
  int update(String sql, Object... values) throws SQLException {
    updates.merge(sql, 1L, Long::sum);
    try {
      return bound(sql, values).executeUpdate();
    } catch (SQLException failed) {
      throw forgotten(sql, failed);
    }
  }

  /// Asks for all rows.
  <T> List<T> list(String sql, Mapper<T> mapper, Object... values) throws SQLException {
    List<T> all = new ArrayList<>();
    each(sql, row -> all.add(mapper.map(row)), values);
    return all;
  }

  /// Looks at rows until it has seen enough; the others are not looked for. One that cannot be read
  /// is left out: it must not take the others along, nor whoever asks.
  void each(String sql, Visitor visitor, Object... values) throws SQLException {
    try (ResultSet result = bound(sql, values).executeQuery()) {
      Row row = new Row(result, columns(sql, result.getMetaData()));
      boolean more = true;
      while (more && result.next()) {
        rows.increment();
        more = visit(visitor, row);
      }
    } catch (SQLException failed) {
      throw forgotten(sql, failed);
    }
  }

  private boolean visit(Visitor visitor, Row row) throws SQLException {
    try {
      return visitor.visit(row);
    } catch (UnreadableRowException unreadable) {
      leaveOut(unreadable);
      return true;
    }
  }

  /// Notes that a row is left out.
  void leaveOut(UnreadableRowException row) {
    leftOut.add(row);
  }

  /// The driver closes a statement that fails, as when the disk is full, and would refuse it ever
  /// after: it is prepared again.
  private SQLException forgotten(String sql, SQLException failed) {
    PreparedStatement statement = prepared.remove(sql);
    if (statement != null) {
      try {
        statement.close();
      } catch (SQLException closed) {
        failed.addSuppressed(closed);
      }
    }
    return failed;
  }

  /// The driver looks a name up again for each result, which costs more than the values do.
  private Map<String, Integer> columns(String sql, ResultSetMetaData form) throws SQLException {
    Map<String, Integer> known = columns.get(sql);
    if (known != null) {
      return known;
    }
    Map<String, Integer> indexes = new HashMap<>();
    for (int i = 1; i <= form.getColumnCount(); i++) {
      indexes.put(form.getColumnLabel(i), i);
    }
    columns.put(sql, indexes);
    return indexes;
  }

  /// Asks for the first row, if there is one.
  <T> Optional<T> first(String sql, Mapper<T> mapper, Object... values) throws SQLException {
    return list(sql, mapper, values).stream().findFirst();
  }

  private PreparedStatement bound(String sql, Object... values) throws SQLException {
    PreparedStatement statement = prepared.get(sql);
    if (statement == null) {
      statement = connection.prepareStatement(sql);
      prepared.put(sql, statement);
    }
    for (int i = 0; i < values.length; i++) {
      bind(statement, i + 1, values[i]);
    }
    return statement;
  }

  private static void bind(PreparedStatement statement, int index, Object value)
      throws SQLException {
    switch (value) {
      case Optional<?> optional -> {
        if (optional.isPresent()) {
          bind(statement, index, optional.get());
        } else {
          statement.setObject(index, null);
        }
      }
      case String text -> statement.setString(index, text);
      case Long number -> statement.setLong(index, number);
      case Integer number -> statement.setInt(index, number);
      case Boolean flag -> statement.setInt(index, flag ? 1 : 0);
      case Bytes octets -> statement.setBytes(index, octets.toArray());
      case Instant time -> statement.setString(index, Times.text(time));
      default ->
          throw new IllegalArgumentException("no column takes a " + value.getClass().getName());
    }
  }

  @Override
  public void close() throws SQLException {
    for (PreparedStatement statement : prepared.values()) {
      statement.close();
    }
    connection.close();
  }
}
