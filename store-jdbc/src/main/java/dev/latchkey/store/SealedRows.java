// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Sealer;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongConsumer;
import java.util.function.Supplier;

/// All sealed values of the database. Thread-safe.
///
/// Rows are met in the order they came, a few in each transaction, on the writer's thread: what
/// another piece of work sealed with an older key just before is met, too.
final class SealedRows implements SealedValues {
  /// So many go at a time, so that nobody's sign-in waits long behind them.
  private static final int BATCH = 200;

  private final Database database;
  private final Sealer sealer;
  private final ReentrantLock alone = new ReentrantLock();

  SealedRows(Database database, Sealer sealer) {
    this.database = database;
    this.sealer = sealer;
  }

  /// Runs work while no other runs that is given to this: a copy of the database waits until a
  /// rotation has ended, and a rotation for a copy, so that every copy needs one key only.
  <T> T alone(Supplier<T> work) {
    alone.lock();
    try {
      return work.get();
    } finally {
      alone.unlock();
    }
  }

  @Override
  public long reseal(LongConsumer progress) {
    long all = 0;
    for (SealedColumn column : SealedColumn.values()) {
      Step step = new Step(0, 0, true);
      while (step.goesOn()) {
        long after = step.last();
        step = database.write(sql -> batch(sql, column, after));
        all += step.resealed();
        progress.accept(step.resealed());
      }
    }
    return all;
  }

  /// Leaves nothing of what older keys have sealed in the files of the database: a value that was
  /// sealed anew is there in its old form, too, until something else takes the room.
  ///
  /// @throws StoreException if that cannot be done
  void sweep() {
    database.rewrite();
  }

  @Override
  public List<String> left() {
    return List.of();
  }

  /// @param last the last row that was met
  /// @param resealed how many of them were sealed anew
  /// @param goesOn whether there may be more rows
  private record Step(long last, long resealed, boolean goesOn) {}

  private record Found(long at, Bytes sealed, Bytes context) {}

  private Step batch(Sql sql, SealedColumn column, long after) throws SQLException {
    List<Found> rows =
        sql.list(
            "SELECT rowid AS at, * FROM %s WHERE rowid > ? ORDER BY rowid LIMIT %d"
                .formatted(column.table(), BATCH),
            row -> new Found(row.number("at"), row.octets(column.column()), column.context(row)),
            after);
    long resealed = 0;
    for (Found row : rows) {
      if (!sealer.isCurrent(row.sealed())) {
        sql.update(
            "UPDATE %s SET %s = ? WHERE rowid = ?".formatted(column.table(), column.column()),
            sealer.seal(sealer.open(row.sealed(), row.context()), row.context()),
            row.at());
        resealed++;
      }
    }
    return rows.isEmpty()
        ? new Step(after, 0, false)
        : new Step(rows.getLast().at(), resealed, true);
  }
}
