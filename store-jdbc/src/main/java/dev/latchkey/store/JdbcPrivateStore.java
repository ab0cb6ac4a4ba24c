// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import dev.latchkey.chat.storage.PrivateStore;
import dev.latchkey.credential.AccountId;
import dev.latchkey.wire.element.Element;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What clients keep of their own, in the database. Thread-safe.
final class JdbcPrivateStore implements PrivateStore {
  private static final String MINE = " account = (SELECT position FROM account WHERE id = ?1)";

  private record Name(String namespace, String name) {
    static Name of(Element element) {
      return new Name(element.namespace(), element.name());
    }
  }

  private final Database database;

  JdbcPrivateStore(Database database) {
    this.database = database;
  }

  @Override
  public Optional<Element> find(AccountId account, String name, String namespace) {
    return database
        .read(
            sql ->
                sql.first(
                    "SELECT xml FROM private_element WHERE"
                        + MINE
                        + " AND namespace = ?2 AND name = ?3",
                    row -> row.text("xml"),
                    account.value(),
                    namespace,
                    name))
        .flatMap(xml -> database.readable(() -> new KeptElements().read(xml, account)));
  }

  @Override
  public boolean put(AccountId account, List<Element> elements, int most) {
    return database.write(
        sql -> {
          Set<Name> names = names(sql, account);
          for (Element element : elements) {
            if (isNothing(element)) {
              names.remove(Name.of(element));
            } else {
              names.add(Name.of(element));
            }
          }
          if (names.size() > most) {
            return false;
          }
          for (Element element : elements) {
            put(sql, account, element);
          }
          return true;
        });
  }

  private static Set<Name> names(Sql sql, AccountId account) throws SQLException {
    return new HashSet<>(
        sql.list(
            "SELECT namespace, name FROM private_element WHERE" + MINE,
            row -> new Name(row.text("namespace"), row.text("name")),
            account.value()));
  }

  private static boolean isNothing(Element element) {
    return element.nodes().isEmpty() && element.attributes().isEmpty();
  }

  private static void put(Sql sql, AccountId account, Element element) throws SQLException {
    if (isNothing(element)) {
      sql.update(
          "DELETE FROM private_element WHERE" + MINE + " AND namespace = ?2 AND name = ?3",
          account.value(),
          element.namespace(),
          element.name());
      return;
    }
    sql.update(
        """
        INSERT INTO private_element (account, namespace, name, xml)
        SELECT position, ?2, ?3, ?4 FROM account WHERE id = ?1 AND status <> 'deleted'
        ON CONFLICT (account, namespace, name) DO UPDATE SET xml = excluded.xml
        """,
        account.value(),
        element.namespace(),
        element.name(),
        element.toXml());
  }

  @Override
  public void forget(AccountId account) {
    database.write(sql -> sql.update("DELETE FROM private_element WHERE" + MINE, account.value()));
  }
}
