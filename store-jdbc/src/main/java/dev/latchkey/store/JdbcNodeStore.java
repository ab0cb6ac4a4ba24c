// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import dev.latchkey.chat.eventing.AccessModel;
import dev.latchkey.chat.eventing.Affiliation;
import dev.latchkey.chat.eventing.Bounds;
import dev.latchkey.chat.eventing.Item;
import dev.latchkey.chat.eventing.LastItem;
import dev.latchkey.chat.eventing.Node;
import dev.latchkey.chat.eventing.NodeConfiguration;
import dev.latchkey.chat.eventing.NodeStore;
import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Jid;
import dev.latchkey.wire.element.Element;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/// The nodes of accounts over SQLite.
///
/// Thread-safe. What is published is text here and is read on the threads of those who ask, not on
/// the database's.
final class JdbcNodeStore implements NodeStore {
  private static final String ACCOUNT = "(SELECT position FROM account WHERE id = ?1)";
  private static final String GROUPS_APART = "\u001f";

  static final String FORGET_PERSON = "DELETE FROM eventing_person WHERE " + isPerson("?1");

  static final String PERSON_OF_NODE =
      "SELECT * FROM eventing_person WHERE node = ?1 AND " + isPerson("?2");

  private final Database database;

  JdbcNodeStore(Database database) {
    this.database = database;
  }

  /// The person of a bare JID, and its resources: '0' comes after '/'. One stretch of an index, of
  /// which few others are left out.
  private static String isPerson(String bare) {
    return "jid >= %1$s AND jid < %1$s || '0' AND (jid = %1$s OR jid >= %1$s || '/')"
        .formatted(bare);
  }

  /// A node and where it stands.
  private record Placed(long position, Node node) {}

  /// An item as it is kept.
  private record Written(
      AccountId account, String id, Optional<String> payload, Jid publisher, Instant at) {
    static Written of(Row row, AccountId account) throws SQLException {
      return new Written(
          account,
          row.text("id"),
          row.optionalText("payload"),
          row.address("publisher", account),
          row.time("published"));
    }

    Item read(KeptElements elements) {
      return new Item(id, payload.map(xml -> elements.read(xml, account)), publisher, at);
    }
  }

  @Override
  public Optional<Node> find(AccountId account, String name) {
    return database.read(sql -> placed(sql, account, name)).map(Placed::node);
  }

  private static Optional<Placed> placed(Sql sql, AccountId account, String name)
      throws SQLException {
    Optional<Placed> found = barePlaced(sql, account, name);
    return found.isPresent() ? Optional.of(peopled(sql, account, found.get())) : found;
  }

  private static Optional<Placed> barePlaced(Sql sql, AccountId account, String name)
      throws SQLException {
    return sql.first(
        "SELECT * FROM eventing_node WHERE account = " + ACCOUNT + " AND name = ?2",
        JdbcNodeStore::bare,
        account.value(),
        name);
  }

  @Override
  public Optional<Node> find(AccountId account, String name, Jid person) {
    return database
        .read(
            sql -> {
              Optional<Placed> found = barePlaced(sql, account, name);
              return found.isPresent()
                  ? Optional.of(peopled(sql, account, found.get(), person))
                  : found;
            })
        .map(Placed::node);
  }

  /// The node of a row, without its people.
  private static Placed bare(Row row) throws SQLException {
    String groups = row.text("roster_groups");
    NodeConfiguration configuration =
        new NodeConfiguration(
            word(AccessModel.of(row.text("access"))),
            groups.isEmpty() ? Set.of() : Set.copyOf(Arrays.asList(groups.split(GROUPS_APART, -1))),
            row.flag("persist"),
            Math.toIntExact(row.number("max_items")),
            row.flag("deliver_payloads"),
            row.flag("notify_configuration"),
            row.flag("notify_delete"),
            row.flag("notify_retract"),
            word(LastItem.of(row.text("last_item"))),
            Math.toIntExact(row.number("max_payload")),
            row.optionalText("title"),
            row.optionalText("description"),
            row.optionalText("type"));
    return new Placed(row.number("position"), Node.of(row.text("name"), configuration));
  }

  private static <T> T word(Optional<T> known) {
    return known.orElseThrow(() -> new StoreException("the database holds an unknown word"));
  }

  /// People of a node.
  private static final class People {
    private final AccountId account;
    private final Map<Jid, Affiliation> affiliations = new HashMap<>();
    private final Set<Jid> subscribers = new HashSet<>();

    /// @param account whose node it is
    People(AccountId account) {
      this.account = account;
    }

    /// Takes the one of a row.
    ///
    /// @return true: there may be more
    boolean add(Row row) throws SQLException {
      Jid jid = row.address("jid", account);
      row.optionalText("affiliation")
          .ifPresent(text -> affiliations.put(jid, word(Affiliation.of(text))));
      if (row.flag("subscribed")) {
        subscribers.add(jid);
      }
      return true;
    }

    /// The node with them in it.
    Node at(Node node) {
      return new Node(node.name(), node.configuration(), affiliations, subscribers);
    }
  }

  private static Placed peopled(Sql sql, AccountId account, Placed placed) throws SQLException {
    People people = new People(account);
    sql.each("SELECT * FROM eventing_person WHERE node = ?", people::add, placed.position());
    return new Placed(placed.position(), people.at(placed.node()));
  }

  private static Placed peopled(Sql sql, AccountId account, Placed placed, Jid person)
      throws SQLException {
    People people = new People(account);
    sql.each(PERSON_OF_NODE, people::add, placed.position(), person.toString());
    return new Placed(placed.position(), people.at(placed.node()));
  }

  @Override
  public List<Node> nodes(AccountId account, Jid person) {
    return nodes("LEFT", account, person);
  }

  @Override
  public List<Node> nodesWith(AccountId account, Jid person) {
    return nodes("CROSS", account, person);
  }

  /// In one reading: from each node of the account it looks where the person would be, so that no
  /// more is looked at than one account may have, whatever the person is elsewhere.
  ///
  /// @param join whether nodes without the person count
  private List<Node> nodes(String join, AccountId account, Jid person) {
    return database.read(
        sql -> {
          Map<Placed, People> found = new LinkedHashMap<>();
          sql.each(
              nodesOf(join),
              row -> {
                People people = found.computeIfAbsent(bare(row), _ -> new People(account));
                return row.optionalText("jid").isEmpty() || people.add(row);
              },
              account.value(),
              person.toString());
          return found.entrySet().stream()
              .map(entry -> entry.getValue().at(entry.getKey().node()))
              .toList();
        });
  }

  /// @param join the kind of the join with the person
  static String nodesOf(String join) {
    return """
    SELECT eventing_node.*, jid, affiliation, subscribed FROM eventing_node
    %s JOIN eventing_person ON eventing_person.node = eventing_node.position AND %s
    WHERE account = %s ORDER BY name
    """
        .formatted(join, isPerson("?2"), ACCOUNT);
  }

  @Override
  public Outcome create(
      AccountId account, String name, NodeConfiguration configuration, Bounds bounds) {
    return database.write(
        sql -> {
          if (placed(sql, account, name).isPresent()) {
            return Outcome.CHANGED;
          }
          return insert(sql, account, name, configuration, bounds) ? Outcome.DONE : Outcome.FULL;
        });
  }

  /// @return whether there was room: an account that is deleted has none
  private static boolean insert(
      Sql sql, AccountId account, String name, NodeConfiguration configuration, Bounds bounds)
      throws SQLException {
    long there =
        sum(sql, "SELECT COUNT(*) AS n FROM eventing_node WHERE account = " + ACCOUNT, account);
    if (there >= bounds.nodes()) {
      return false;
    }
    int made =
        sql.update(
            """
            INSERT INTO eventing_node (account, name, access, roster_groups, persist, max_items,
              deliver_payloads, notify_configuration, notify_delete, notify_retract, last_item,
              max_payload, title, description, type)
            SELECT position, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15
            FROM account WHERE id = ?1 AND status <> 'deleted'
            """,
            account.value(),
            name,
            configuration.access().word(),
            groups(configuration),
            configuration.persist(),
            configuration.maxItems(),
            configuration.deliverPayloads(),
            configuration.notifyConfiguration(),
            configuration.notifyDelete(),
            configuration.notifyRetract(),
            configuration.lastItem().word(),
            configuration.maxPayload(),
            configuration.title(),
            configuration.description(),
            configuration.type());
    return made > 0;
  }

  private static String groups(NodeConfiguration configuration) {
    return configuration.groups().stream().sorted().collect(Collectors.joining(GROUPS_APART));
  }

  private static long sum(Sql sql, String question, AccountId account) throws SQLException {
    return sql.list(question, row -> row.number("n"), account.value()).getFirst();
  }

  @Override
  public Outcome configure(
      AccountId account, String name, NodeConfiguration expected, NodeConfiguration next) {
    return changing(
        account,
        name,
        (sql, placed) -> {
          if (!placed.node().configuration().equals(expected)) {
            return Outcome.CHANGED;
          }
          sql.update(
              """
              UPDATE eventing_node SET access = ?, roster_groups = ?, persist = ?, max_items = ?,
                deliver_payloads = ?, notify_configuration = ?, notify_delete = ?,
                notify_retract = ?, last_item = ?, max_payload = ?, title = ?, description = ?,
                type = ?
              WHERE position = ?
              """,
              next.access().word(),
              groups(next),
              next.persist(),
              next.maxItems(),
              next.deliverPayloads(),
              next.notifyConfiguration(),
              next.notifyDelete(),
              next.notifyRetract(),
              next.lastItem().word(),
              next.maxPayload(),
              next.title(),
              next.description(),
              next.type(),
              placed.position());
          trim(sql, placed.position(), next);
          return Outcome.DONE;
        });
  }

  /// Lets the oldest go that are too many.
  private static void trim(Sql sql, long node, NodeConfiguration configuration)
      throws SQLException {
    int most = configuration.persist() ? configuration.maxItems() : 0;
    sql.update(
        """
        DELETE FROM eventing_item WHERE node = ?1 AND position IN (
          SELECT position FROM eventing_item WHERE node = ?1 ORDER BY position
          LIMIT (SELECT MAX(0, items - ?2) FROM eventing_node WHERE position = ?1))
        """,
        node,
        most);
  }

  /// Changes a node that is there.
  private interface Change {
    Outcome made(Sql sql, Placed placed) throws SQLException;
  }

  private Outcome changing(AccountId account, String name, Change change) {
    return database.write(
        sql -> {
          Optional<Placed> placed = placed(sql, account, name);
          return placed.isEmpty() ? Outcome.CHANGED : change.made(sql, placed.get());
        });
  }

  @Override
  public Outcome publish(
      AccountId account,
      String name,
      Optional<NodeConfiguration> expected,
      NodeConfiguration configuration,
      List<Item> items,
      Bounds bounds) {
    // Before the writer's thread has it.
    List<Optional<String>> payloads =
        items.stream().map(item -> item.payload().map(Element::toXml)).toList();
    return database.write(
        sql -> {
          Optional<Placed> there = placed(sql, account, name);
          if (!there.map(placed -> placed.node().configuration()).equals(expected)) {
            return Outcome.CHANGED;
          }
          sql.execute("SAVEPOINT publishing");
          boolean fits = there.isPresent() || insert(sql, account, name, configuration, bounds);
          if (fits && configuration.persist() && !items.isEmpty()) {
            long node = placed(sql, account, name).orElseThrow().position();
            put(sql, node, items, payloads);
            trim(sql, node, configuration);
            String octets =
                "SELECT COALESCE(SUM(octets), 0) AS n FROM eventing_node WHERE account = ";
            fits = sum(sql, octets + ACCOUNT, account) <= bounds.accountOctets();
          }
          if (!fits) {
            sql.execute("ROLLBACK TO publishing");
          }
          sql.execute("RELEASE publishing");
          return fits ? Outcome.DONE : Outcome.FULL;
        });
  }

  private static void put(Sql sql, long node, List<Item> items, List<Optional<String>> payloads)
      throws SQLException {
    for (int i = 0; i < items.size(); i++) {
      Item item = items.get(i);
      sql.update("DELETE FROM eventing_item WHERE node = ? AND id = ?", node, item.id());
      sql.update(
          """
          INSERT INTO eventing_item (node, id, publisher, published, octets, payload)
          VALUES (?, ?, ?, ?, ?, ?)
          """,
          node,
          item.id(),
          item.publisher().toString(),
          item.at(),
          item.octets(),
          payloads.get(i));
    }
  }

  @Override
  public Outcome retract(AccountId account, String name, Collection<String> ids) {
    String wanted = Json.list(ids);
    int many = Set.copyOf(ids).size();
    return changing(
        account,
        name,
        (sql, placed) -> {
          String these =
              " FROM eventing_item WHERE node = ? AND id IN (SELECT value FROM json_each(?))";
          List<Long> there =
              sql.list(
                  "SELECT COUNT(*) AS n" + these,
                  row -> row.number("n"),
                  placed.position(),
                  wanted);
          if (there.getFirst() != many) {
            return Outcome.CHANGED;
          }
          sql.update("DELETE" + these, placed.position(), wanted);
          return Outcome.DONE;
        });
  }

  @Override
  public Outcome purge(AccountId account, String name) {
    return changing(
        account,
        name,
        (sql, placed) -> {
          sql.update("DELETE FROM eventing_item WHERE node = ?", placed.position());
          return Outcome.DONE;
        });
  }

  @Override
  public Outcome delete(AccountId account, String name) {
    return changing(
        account,
        name,
        (sql, placed) -> {
          sql.update("DELETE FROM eventing_node WHERE position = ?", placed.position());
          return Outcome.DONE;
        });
  }

  @Override
  public List<Item> items(AccountId account, String name, int limit, int octets) {
    return read(
        () ->
            database.read(
                sql ->
                    sql.list(
                        """
                        WITH newest AS (
                          SELECT position,
                            SUM(octets) OVER (ORDER BY position DESC ROWS UNBOUNDED PRECEDING) AS n,
                            ROW_NUMBER() OVER (ORDER BY position DESC) AS place
                          FROM eventing_item
                          WHERE node = (SELECT position FROM eventing_node
                            WHERE account = (SELECT position FROM account WHERE id = ?1)
                              AND name = ?2)
                          ORDER BY position DESC LIMIT ?3)
                        SELECT eventing_item.* FROM newest
                        CROSS JOIN eventing_item ON eventing_item.position = newest.position
                        WHERE newest.n <= ?4 OR newest.place = 1
                        ORDER BY newest.position
                        """,
                        row -> Written.of(row, account),
                        account.value(),
                        name,
                        limit,
                        octets)));
  }

  @Override
  public List<Item> items(AccountId account, String name, Collection<String> ids, int octets) {
    return read(
        () ->
            database.read(
                sql ->
                    sql.list(
                        """
                        WITH newest AS (
                          SELECT position,
                            SUM(octets) OVER (ORDER BY position DESC ROWS UNBOUNDED PRECEDING) AS n,
                            ROW_NUMBER() OVER (ORDER BY position DESC) AS place
                          FROM eventing_item
                          WHERE node = (SELECT position FROM eventing_node
                            WHERE account = (SELECT position FROM account WHERE id = ?1)
                              AND name = ?2)
                            AND id IN (SELECT value FROM json_each(?3)))
                        SELECT eventing_item.* FROM newest
                        CROSS JOIN eventing_item ON eventing_item.position = newest.position
                        WHERE newest.n <= ?4 OR newest.place = 1
                        ORDER BY newest.position
                        """,
                        row -> Written.of(row, account),
                        account.value(),
                        name,
                        Json.list(ids),
                        octets)));
  }

  private List<Item> read(Supplier<List<Written>> written) {
    KeptElements elements = new KeptElements();
    return written.get().stream()
        .flatMap(item -> database.readable(() -> item.read(elements)).stream())
        .toList();
  }

  @Override
  public List<String> itemIds(AccountId account, String name, int limit) {
    return database
        .read(
            sql ->
                sql.list(
                    """
                    SELECT id FROM eventing_item
                    WHERE node = (SELECT position FROM eventing_node
                      WHERE account = (SELECT position FROM account WHERE id = ?1) AND name = ?2)
                    ORDER BY position DESC LIMIT ?3
                    """,
                    row -> row.text("id"),
                    account.value(),
                    name,
                    limit))
        .reversed();
  }

  /// The newest item of a node of an account, as it is kept.
  private record LastWritten(AccountId account, Placed placed, Written item) {}

  @Override
  public Map<AccountId, List<Last>> lastItems(
      Collection<AccountId> accounts, Set<String> names, Jid person) {
    String wanted = Json.list(accounts.stream().map(AccountId::value).toList());
    List<LastWritten> found =
        database.read(
            sql -> {
              List<LastWritten> lasts = new ArrayList<>();
              for (LastWritten last :
                  sql.list(
                      """
                      SELECT account.id AS account_id, eventing_node.*, eventing_item.id AS id,
                        eventing_item.payload AS payload, eventing_item.publisher AS publisher,
                        eventing_item.published AS published
                      FROM json_each(?1) AS wanted
                      CROSS JOIN account ON account.id = wanted.value
                      CROSS JOIN eventing_node ON eventing_node.account = account.position
                        AND eventing_node.name IN (SELECT value FROM json_each(?2))
                      CROSS JOIN eventing_item ON eventing_item.position =
                        (SELECT MAX(position) FROM eventing_item
                          WHERE node = eventing_node.position)
                      WHERE eventing_node.last_item = ?3
                      ORDER BY eventing_node.name
                      """,
                      row -> {
                        AccountId account = new AccountId(row.text("account_id"));
                        return new LastWritten(account, bare(row), Written.of(row, account));
                      },
                      wanted,
                      Json.list(names),
                      LastItem.ON_SUBSCRIPTION_AND_PRESENCE.word())) {
                lasts.add(
                    new LastWritten(
                        last.account(),
                        peopled(sql, last.account(), last.placed(), person),
                        last.item()));
              }
              return lasts;
            });
    KeptElements elements = new KeptElements();
    Map<AccountId, List<Last>> lasts = new HashMap<>();
    for (LastWritten last : found) {
      database
          .readable(() -> new Last(last.placed().node(), last.item().read(elements)))
          .ifPresent(
              read -> lasts.computeIfAbsent(last.account(), _ -> new ArrayList<>()).add(read));
    }
    return lasts;
  }

  @Override
  public Outcome affiliate(
      AccountId account, String name, Map<Jid, Optional<Affiliation>> affiliations, Bounds bounds) {
    return changing(
        account,
        name,
        (sql, placed) -> {
          Map<Jid, Affiliation> next = new HashMap<>(placed.node().affiliations());
          affiliations.forEach(
              (jid, affiliation) ->
                  affiliation.ifPresentOrElse(one -> next.put(jid, one), () -> next.remove(jid)));
          if (next.size() > bounds.affiliations()) {
            return Outcome.FULL;
          }
          for (Map.Entry<Jid, Optional<Affiliation>> change : affiliations.entrySet()) {
            sql.update(
                """
                INSERT INTO eventing_person (node, jid, affiliation, subscribed)
                VALUES (?, ?, ?, 0)
                ON CONFLICT (node, jid) DO UPDATE SET affiliation = excluded.affiliation
                """,
                placed.position(),
                change.getKey().toString(),
                change.getValue().map(Affiliation::word));
          }
          forgetNobodies(sql, placed);
          return Outcome.DONE;
        });
  }

  private static void forgetNobodies(Sql sql, Placed placed) throws SQLException {
    sql.update(
        "DELETE FROM eventing_person WHERE node = ? AND affiliation IS NULL AND NOT subscribed",
        placed.position());
  }

  @Override
  public Outcome subscribe(
      AccountId account,
      AccountJid address,
      String name,
      NodeConfiguration expected,
      Jid subscriber,
      Bounds bounds) {
    return changing(
        account,
        name,
        (sql, placed) -> {
          if (!placed.node().configuration().equals(expected)) {
            return Outcome.CHANGED;
          }
          if (!placed.node().hasRoomFor(subscriber, address, bounds)) {
            return Outcome.FULL;
          }
          sql.update(
              """
              INSERT INTO eventing_person (node, jid, affiliation, subscribed)
              VALUES (?, ?, NULL, 1)
              ON CONFLICT (node, jid) DO UPDATE SET subscribed = 1
              """,
              placed.position(),
              subscriber.toString());
          return Outcome.DONE;
        });
  }

  @Override
  public Outcome unsubscribe(AccountId account, String name, Collection<Jid> subscribers) {
    return changing(
        account,
        name,
        (sql, placed) -> {
          if (!placed.node().subscribers().containsAll(subscribers)) {
            return Outcome.CHANGED;
          }
          for (Jid subscriber : subscribers) {
            sql.update(
                "UPDATE eventing_person SET subscribed = 0 WHERE node = ? AND jid = ?",
                placed.position(),
                subscriber.toString());
          }
          forgetNobodies(sql, placed);
          return Outcome.DONE;
        });
  }

  @Override
  public void forget(AccountId account) {
    database.write(
        sql -> sql.update("DELETE FROM eventing_node WHERE account = " + ACCOUNT, account.value()));
  }

  @Override
  public void forgetPerson(Jid person) {
    database.write(sql -> sql.update(FORGET_PERSON, person.toString()));
  }
}
