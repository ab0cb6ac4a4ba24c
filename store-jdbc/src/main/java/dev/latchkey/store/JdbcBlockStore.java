// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import dev.latchkey.chat.blocking.BlockChange;
import dev.latchkey.chat.blocking.BlockList;
import dev.latchkey.chat.blocking.BlockStore;
import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.Jid;
import java.sql.SQLException;

/// Block lists in the database, a row for each address. Thread-safe.
final class JdbcBlockStore implements BlockStore {
  private final Database database;

  JdbcBlockStore(Database database) {
    this.database = database;
  }

  @Override
  public BlockList load(AccountId account) {
    return database.read(sql -> list(sql, account));
  }

  private static BlockList list(Sql sql, AccountId account) throws SQLException {
    return BlockList.of(
        sql.list(
            """
            SELECT jid FROM blocked
            WHERE account = (SELECT position FROM account WHERE id = ?) ORDER BY position
            """,
            row -> row.address("jid", account),
            account.value()));
  }

  @Override
  public boolean save(AccountId account, BlockChange change) {
    return database.write(
        sql -> {
          if (!list(sql, account).equals(change.before())) {
            return false;
          }
          for (Jid jid : change.before().items()) {
            if (!change.after().items().contains(jid)) {
              sql.update(
                  """
                  DELETE FROM blocked
                  WHERE account = (SELECT position FROM account WHERE id = ?) AND jid = ?
                  """,
                  account.value(),
                  jid.toString());
            }
          }
          for (Jid jid : change.after().items()) {
            if (!change.before().items().contains(jid)) {
              sql.update(
                  """
                  INSERT INTO blocked (account, jid) SELECT position, ?2 FROM account
                  WHERE id = ?1 AND status <> 'deleted'
                  """,
                  account.value(),
                  jid.toString());
            }
          }
          return true;
        });
  }

  @Override
  public void forget(AccountId account) {
    database.write(
        sql ->
            sql.update(
                "DELETE FROM blocked WHERE account = (SELECT position FROM account WHERE id = ?)",
                account.value()));
  }
}
