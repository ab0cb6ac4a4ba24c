// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.chat.eventing.Affiliation;
import dev.latchkey.chat.eventing.Bounds;
import dev.latchkey.chat.eventing.Eventing;
import dev.latchkey.chat.eventing.Item;
import dev.latchkey.chat.eventing.Node;
import dev.latchkey.chat.eventing.NodeConfiguration;
import dev.latchkey.chat.eventing.NodeStore;
import dev.latchkey.chat.eventing.NodeStore.Outcome;
import dev.latchkey.chat.eventing.NodeStoreContract;
import dev.latchkey.chat.eventing.Requester;
import dev.latchkey.chat.stanza.Iq;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Jid;
import dev.latchkey.testkit.ManualClock;
import dev.latchkey.testkit.SeededRandom;
import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.framing.WrittenElement;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class JdbcNodeStoreTest extends NodeStoreContract {
  private static final Requester OWNER = Requester.owner(Jid.parse("nina@chat.example/phone"));
  private static final String DISCO_ITEMS =
      "<query xmlns='http://jabber.org/protocol/disco#items'/>";

  @TempDir private Path folder;
  private Database database;
  private NodeStore store;

  @BeforeEach
  void open() {
    database =
        Database.open(
            folder.resolve("test.db"), Limits.USUAL, List.of(), JdbcNodeStoreTest::accounts);
    store = new JdbcNodeStore(database);
  }

  private static boolean accounts(Sql sql) throws SQLException {
    for (String id : List.of(NINA.value(), OTTO.value())) {
      sql.update(
          """
          INSERT INTO account (id, localpart, domain, status, version, created)
          VALUES (?1, ?1, 'chat.example', 'active', 1, '2026-01-01T00:00:00.000000000Z')
          """,
          id);
    }
    return true;
  }

  @AfterEach
  void close() {
    database.close();
  }

  private static String pubSub(String verb) {
    return "<pubsub xmlns='http://jabber.org/protocol/pubsub'>%s</pubsub>".formatted(verb);
  }

  @Override
  protected NodeStore store() {
    return store;
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "design",
      rule = "a row with an address that is none to this version is left out")
  void leavesOutPeopleAndItemsThatItCannotRead() {
    NodeConfiguration usual = NodeConfiguration.usual(Bounds.USUAL);
    Jid phone = Jid.parse("nina@chat.example/phone");
    Jid tablet = Jid.parse("nina@chat.example/tablet");
    Jid kim = Jid.parse("kim@chat.example");
    Item sound = new Item("a", Optional.empty(), phone, Instant.EPOCH);
    Item spoiled = new Item("a", Optional.empty(), tablet, Instant.EPOCH);
    store.publish(NINA, "m", Optional.empty(), usual, List.of(sound), Bounds.USUAL);
    store.publish(NINA, "n", Optional.empty(), usual, List.of(spoiled), Bounds.USUAL);
    for (Jid person : List.of(phone, kim)) {
      store.affiliate(NINA, "n", Map.of(person, Optional.of(Affiliation.MEMBER)), Bounds.USUAL);
      store.subscribe(NINA, NINA_JID, "n", usual, person, Bounds.USUAL);
    }
    ChatDatabase.spoil(database, "eventing_person", "jid", phone.toString());
    ChatDatabase.spoil(database, "eventing_item", "publisher", tablet.toString());

    Node rest = new Node("n", usual, Map.of(kim, Affiliation.MEMBER), Set.of(kim));
    assertThat(store.find(NINA, "n")).contains(rest);
    assertThat(store.nodes(NINA, kim)).containsExactly(Node.of("m", usual), rest);
    assertThat(store.items(NINA, "n", 9, 999)).isEmpty();
    assertThat(store.items(NINA, "n", List.of("a"), 999)).isEmpty();
    assertThat(store.lastItems(List.of(NINA), Set.of("m", "n"), kim))
        .isEqualTo(Map.of(NINA, List.of(new NodeStore.Last(Node.of("m", usual), sound))));
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "design",
      rule = "a row with an element that is none to this version is left out")
  void leavesOutAnItemThatItCannotRead() {
    NodeConfiguration usual = NodeConfiguration.usual(Bounds.USUAL);
    Jid phone = Jid.parse("nina@chat.example/phone");
    Item sound =
        new Item("a", Optional.of(Element.empty("x", "urn:example")), phone, Instant.EPOCH);
    Item spoiled =
        new Item("b", Optional.of(Element.text("x", "urn:example", "spoil")), phone, Instant.EPOCH);
    store.publish(NINA, "m", Optional.empty(), usual, List.of(sound), Bounds.USUAL);
    store.publish(NINA, "n", Optional.empty(), usual, List.of(spoiled), Bounds.USUAL);
    ChatDatabase.spoilElement(database, "eventing_item", "payload", "spoil");

    assertThat(store.items(NINA, "m", 9, 999)).containsExactly(sound);
    assertThat(store.items(NINA, "n", 9, 999)).isEmpty();
    assertThat(store.items(NINA, "n", List.of("b"), 999)).isEmpty();
    assertThat(store.lastItems(List.of(NINA), Set.of("m", "n"), phone))
        .isEqualTo(Map.of(NINA, List.of(new NodeStore.Last(Node.of("m", usual), sound))));
  }

  @Test
  @Spec(doc = "latchkey", section = "4", rule = "a session that outlives its account keeps nothing")
  void nothingIsPublishedForADeletedAccount() {
    database.write(
        sql -> sql.update("UPDATE account SET status = 'deleted' WHERE id = ?", NINA.value()));
    NodeConfiguration usual = NodeConfiguration.usual(Bounds.USUAL);
    Item item =
        new Item("a", Optional.empty(), Jid.parse("nina@chat.example/phone"), Instant.EPOCH);

    assertThat(store.create(NINA, "n", usual, Bounds.USUAL)).isEqualTo(Outcome.FULL);
    assertThat(store.publish(NINA, "n", Optional.empty(), usual, List.of(item), Bounds.USUAL))
        .isEqualTo(Outcome.FULL);
    assertThat(store.nodes(NINA, Jid.parse("otto@chat.example"))).isEmpty();
  }

  private String ask(Requester who, String type, String payload) {
    Element stanza =
        new WrittenElement()
            .read(
                "<iq type='%s' id='q' from='%s' to='nina@chat.example'>%s</iq>"
                    .formatted(type, who.jid(), payload));
    Eventing eventing = new Eventing(store, Bounds.USUAL, new ManualClock(), new SeededRandom(60));
    return eventing
        .answer(who, NINA, AccountJid.parse("nina@chat.example"), Iq.read(stanza).orElseThrow())
        .reply()
        .toXml();
  }

  /// What is looked at to answer a question to Nina.
  private long rows(Requester who, String payload) {
    long before = database.counters().rows();
    var _ = ask(who, "get", payload);
    return database.counters().rows() - before;
  }

  private void publish(String access, int nodes, int people) {
    Map<Jid, Optional<Affiliation>> listed = new HashMap<>();
    for (int i = 0; i < people; i++) {
      listed.put(Jid.parse("friend-%d@chat.example".formatted(i)), Optional.of(Affiliation.MEMBER));
    }
    for (int i = 0; i < nodes; i++) {
      String published =
          ask(
              OWNER,
              "set",
              pubSub(
                  """
                  <publish node='%1$s-%2$d'><item id='a'><mood xmlns='urn:example:mood'/></item>\
                  </publish><publish-options><x xmlns='jabber:x:data' type='submit'>\
                  <field var='FORM_TYPE' type='hidden'>\
                  <value>http://jabber.org/protocol/pubsub#publish-options</value></field>\
                  <field var='pubsub#access_model'><value>%1$s</value></field></x>\
                  </publish-options>\
                  """
                      .formatted(access, i)));
      assertThat(published).contains("type='result'");
      assertThat(store.affiliate(NINA, access + "-" + i, listed, Bounds.USUAL))
          .isEqualTo(Outcome.DONE);
    }
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "5",
      rule = "what a stranger may ask costs what its answer does, however much an account has")
  void aStrangerCostsNoMoreThanItsAnswer() {
    publish("open", 20, 30);
    publish("whitelist", 20, 30);
    Requester stranger = Requester.stranger(Jid.parse("mallory@chat.example/x"));

    assertThat(rows(stranger, DISCO_ITEMS)).isZero();
    assertThat(rows(stranger, pubSub("<subscriptions/>"))).isZero();
    assertThat(rows(stranger, pubSub("<affiliations/>"))).isZero();
    assertThat(rows(stranger, pubSub("<affiliations node='open-3'/>"))).isEqualTo(1);
    assertThat(rows(stranger, pubSub("<items node='open-3'/>"))).isEqualTo(2);
    assertThat(rows(stranger, pubSub("<items node='whitelist-3'/>"))).isEqualTo(1);

    assertThat(
            ask(stranger, "set", pubSub("<subscribe node='open-3' jid='mallory@chat.example/x'/>")))
        .contains("type='result'");
    assertThat(rows(stranger, pubSub("<subscriptions/>"))).isEqualTo(1);
  }

  @Test
  void aFriendAndTheOwnerReadNoPeopleButThemselves() {
    publish("whitelist", 20, 30);
    Requester friend = new Requester(Jid.parse("friend-7@chat.example/x"), false, true, Set.of());

    for (Requester who : List.of(friend, OWNER)) {
      assertThat(rows(who, DISCO_ITEMS)).isEqualTo(20);
      assertThat(rows(who, pubSub("<affiliations/>"))).isEqualTo(20);
    }
    assertThat(rows(OWNER, pubSub("<subscriptions/>"))).isZero();
    long before = database.counters().rows();
    var _ =
        store.lastItems(List.of(NINA), Set.of("whitelist-1", "whitelist-2"), friend.jid().bare());
    assertThat(database.counters().rows() - before).as("two nodes, twice the friend").isEqualTo(4);
  }

  private String plan(String statement, Object... values) {
    List<String> steps =
        database.read(
            sql -> sql.list("EXPLAIN QUERY PLAN " + statement, row -> row.text("detail"), values));
    return String.join("\n", steps);
  }

  @Test
  void looksForAPersonWhereItWouldBe() {
    String there = "SEARCH eventing_person USING PRIMARY KEY (node=? AND jid>? AND jid<?)";
    for (String join : List.of("LEFT", "CROSS")) {
      assertThat(plan(JdbcNodeStore.nodesOf(join), NINA.value(), "mallory@chat.example"))
          .contains("SEARCH eventing_node USING INDEX sqlite_autoindex_eventing_node_1 (account=?)")
          .contains(there)
          .doesNotContain("SCAN", "TEMP B-TREE");
    }
    assertThat(plan(JdbcNodeStore.PERSON_OF_NODE, 1, "mallory@chat.example")).isEqualTo(there);
  }

  @Test
  void findsWhoIsGoneThroughAnIndex() {
    assertThat(plan(JdbcNodeStore.FORGET_PERSON, "mallory@chat.example"))
        .startsWith("SEARCH eventing_person USING ")
        .contains("INDEX eventing_person_jid (jid>? AND jid<?)")
        .doesNotContain("SCAN");
  }
}
