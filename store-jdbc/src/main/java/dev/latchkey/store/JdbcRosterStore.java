// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import dev.latchkey.chat.roster.Roster;
import dev.latchkey.chat.roster.RosterChange;
import dev.latchkey.chat.roster.RosterItem;
import dev.latchkey.chat.roster.RosterStore;
import dev.latchkey.chat.roster.Subscription;
import dev.latchkey.chat.roster.SubscriptionState;
import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.Jid;
import dev.latchkey.wire.element.Element;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Rosters in the database: a row for each contact, and one for the version. Thread-safe.
///
/// What a session of a deleted account still saves is dropped.
final class JdbcRosterStore implements RosterStore {
  private static final Words<SubscriptionState> STATE =
      Words.of(SubscriptionState.class, JdbcRosterStore::word);
  private static final String SEPARATOR = "\u001F";

  private final Database database;

  JdbcRosterStore(Database database) {
    this.database = database;
  }

  @Override
  public Roster load(AccountId account) {
    return database.read(
        sql -> {
          KeptElements elements = new KeptElements();
          return Roster.of(
              version(sql, account),
              sql.list(
                  """
                  SELECT * FROM roster_item
                  WHERE account = (SELECT position FROM account WHERE id = ?) ORDER BY position
                  """,
                  row -> item(row, account, elements),
                  account.value()));
        });
  }

  @Override
  public boolean save(Map<AccountId, RosterChange> changes) {
    return database.write(
        sql -> {
          for (Map.Entry<AccountId, RosterChange> entry : changes.entrySet()) {
            if (version(sql, entry.getKey()) != entry.getValue().before().version()) {
              return false;
            }
          }
          for (Map.Entry<AccountId, RosterChange> entry : changes.entrySet()) {
            if (entry.getValue().isChange()) {
              write(sql, entry.getKey(), entry.getValue());
            }
          }
          return true;
        });
  }

  private static long version(Sql sql, AccountId account) throws SQLException {
    return sql.first(
            "SELECT version FROM roster WHERE account = (SELECT position FROM account WHERE id ="
                + " ?)",
            row -> row.number("version"),
            account.value())
        .orElse(0L);
  }

  private static void write(Sql sql, AccountId account, RosterChange change) throws SQLException {
    sql.update(
        """
        INSERT INTO roster (account, version) SELECT position, ?2 FROM account
        WHERE id = ?1 AND status <> 'deleted'
        ON CONFLICT (account) DO UPDATE SET version = excluded.version
        """,
        account.value(),
        change.after().version());
    Optional<RosterItem> item = change.after().item(change.contact());
    if (item.isPresent()) {
      put(sql, account, item.get());
    } else {
      sql.update(
          """
          DELETE FROM roster_item
          WHERE account = (SELECT position FROM account WHERE id = ?) AND contact = ?
          """,
          account.value(),
          change.contact().toString());
    }
  }

  private static void put(Sql sql, AccountId account, RosterItem item) throws SQLException {
    sql.update(
        """
        INSERT INTO roster_item (account, contact, name, groups, state, approved, listed, request)
        SELECT position, ?2, ?3, ?4, ?5, ?6, ?7, ?8 FROM account
        WHERE id = ?1 AND status <> 'deleted'
        ON CONFLICT (account, contact) DO UPDATE SET
          name = excluded.name,
          groups = excluded.groups,
          state = excluded.state,
          approved = excluded.approved,
          listed = excluded.listed,
          request = excluded.request
        """,
        account.value(),
        item.contact().toString(),
        item.name(),
        String.join(SEPARATOR, item.groups()),
        word(item.subscription().state()),
        item.subscription().approved(),
        item.listed(),
        item.request().map(Element::toXml));
  }

  private static RosterItem item(Row row, AccountId account, KeptElements elements)
      throws SQLException {
    String groups = row.text("groups");
    return new RosterItem(
        row.address("contact", account),
        row.text("name"),
        groups.isEmpty() ? List.of() : List.of(groups.split(SEPARATOR, -1)),
        new Subscription(STATE.value(row.text("state")), row.flag("approved")),
        row.flag("listed"),
        row.optionalText("request").map(xml -> elements.read(xml, account)));
  }

  private static String word(SubscriptionState state) {
    return state.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  @Override
  public List<AccountId> holding(Jid contact) {
    return database.read(
        sql ->
            sql.list(
                """
                SELECT account.id FROM roster_item
                JOIN account ON account.position = roster_item.account WHERE contact = ?
                """,
                row -> new AccountId(row.text("id")),
                contact.toString()));
  }

  @Override
  public void forget(AccountId account) {
    database.write(
        sql ->
            sql.update(
                    "DELETE FROM roster_item WHERE account = (SELECT position FROM account WHERE id"
                        + " = ?)",
                    account.value())
                + sql.update(
                    "DELETE FROM roster WHERE account = (SELECT position FROM account WHERE id ="
                        + " ?)",
                    account.value()));
  }
}
