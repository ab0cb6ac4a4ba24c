// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.eventing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.chat.SampleAddresses;
import dev.latchkey.chat.eventing.NodeStore.Outcome;
import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Jid;
import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Element;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// What every [NodeStore] does.
public abstract class NodeStoreContract {
  /// Accounts that there are.
  protected static final AccountId NINA = new AccountId("acct-nina");

  protected static final AccountId OTTO = new AccountId("acct-otto");

  protected static final AccountJid NINA_JID = AccountJid.parse("nina@chat.example");
  private static final AccountJid OTTO_JID = AccountJid.parse("otto@chat.example");
  private static final Bounds BOUNDS =
      new Bounds(4, 100, 1000, 3000, 10, 3, 2, 2, 100, 4, 100, 1000, 100);
  private static final Jid PHONE = Jid.parse("nina@chat.example/phone");
  private static final Jid FRIEND = Jid.parse("otto@chat.example");
  private static final Instant NOON = Instant.parse("2026-05-01T12:00:00.123456789Z");
  private static final String NODE = "urn:example:\"mood\"\\é";
  private static final NodeConfiguration USUAL = NodeConfiguration.usual(BOUNDS);

  /// The store, with nothing in it.
  protected abstract NodeStore store();

  private static Item item(String id, String text) {
    return new Item(id, Optional.of(Element.text("mood", "urn:example:mood", text)), PHONE, NOON);
  }

  private Outcome publish(NodeConfiguration configuration, Item... items) {
    return store()
        .publish(
            NINA,
            NODE,
            store().find(NINA, NODE).map(Node::configuration),
            configuration,
            List.of(items),
            BOUNDS);
  }

  private List<Item> all() {
    return store().items(NINA, NODE, 100, 100_000);
  }

  private static List<String> ids(List<Item> items) {
    return items.stream().map(Item::id).toList();
  }

  @Test
  void findsNothingOfWhatIsNotThere() {
    assertThat(store().find(NINA, NODE)).isEmpty();
    assertThat(store().find(NINA, NODE, FRIEND)).isEmpty();
    assertThat(store().nodes(NINA, FRIEND)).isEmpty();
    assertThat(store().nodesWith(NINA, FRIEND)).isEmpty();
    assertThat(all()).isEmpty();
    assertThat(store().items(NINA, NODE, List.of("a"), 100)).isEmpty();
    assertThat(store().itemIds(NINA, NODE, 10)).isEmpty();
    assertThat(store().find(new AccountId("acct-nobody"), NODE)).isEmpty();
    assertThat(store().nodes(new AccountId("acct-nobody"), FRIEND)).isEmpty();
  }

  @Test
  void changesNothingOfWhatIsNotThere() {
    assertThat(store().configure(NINA, NODE, USUAL, USUAL)).isEqualTo(Outcome.CHANGED);
    assertThat(store().delete(NINA, NODE)).isEqualTo(Outcome.CHANGED);
    assertThat(store().purge(NINA, NODE)).isEqualTo(Outcome.CHANGED);
    assertThat(store().retract(NINA, NODE, List.of("a"))).isEqualTo(Outcome.CHANGED);
    assertThat(store().affiliate(NINA, NODE, Map.of(), BOUNDS)).isEqualTo(Outcome.CHANGED);
    assertThat(store().subscribe(NINA, NINA_JID, NODE, USUAL, FRIEND, BOUNDS))
        .isEqualTo(Outcome.CHANGED);
    assertThat(store().unsubscribe(NINA, NODE, List.of(FRIEND))).isEqualTo(Outcome.CHANGED);
    assertThat(
            store().publish(NINA, NODE, Optional.of(USUAL), USUAL, List.of(item("a", "")), BOUNDS))
        .isEqualTo(Outcome.CHANGED);
    assertThat(store().find(NINA, NODE)).isEmpty();
  }

  @Test
  void keepsAllOfAConfiguration() {
    NodeConfiguration odd =
        new NodeConfiguration(
            AccessModel.ROSTER,
            Set.of("Friends", "Käse & Brot", ""),
            false,
            77,
            false,
            true,
            false,
            false,
            LastItem.ON_SUBSCRIPTION,
            999,
            Optional.of("title"),
            Optional.of("description"),
            Optional.of("urn:example"));

    assertThat(store().create(NINA, NODE, odd, BOUNDS)).isEqualTo(Outcome.DONE);
    assertThat(store().find(NINA, NODE)).contains(Node.of(NODE, odd));

    NodeConfiguration other = USUAL.withGroups(Set.of("Friends", "")).withMaxItems(3);
    assertThat(store().configure(NINA, NODE, odd, other)).isEqualTo(Outcome.DONE);
    assertThat(store().nodes(NINA, FRIEND)).containsExactly(Node.of(NODE, other));
  }

  @Test
  void keepsWhatWasPublishedAsItWas() {
    Item bare = new Item("b", Optional.empty(), PHONE, NOON);

    publish(USUAL.withMaxItems(5), item("a", "<happy> & \"so\" ü"), bare);

    assertThat(all()).containsExactly(item("a", "<happy> & \"so\" ü"), bare);
    assertThat(store().items(NINA, NODE, List.of("b", "nothing"), 1)).containsExactly(bare);
    assertThat(store().items(OTTO, NODE, 100, 1000)).isEmpty();
  }

  @Test
  void refusesANodeThatIsThere() {
    store().create(NINA, NODE, USUAL, BOUNDS);

    assertThat(store().create(NINA, NODE, USUAL, BOUNDS)).isEqualTo(Outcome.CHANGED);
    assertThat(store().publish(NINA, NODE, Optional.empty(), USUAL, List.of(item("a", "")), BOUNDS))
        .isEqualTo(Outcome.CHANGED);
    assertThat(all()).isEmpty();
    assertThat(store().create(OTTO, NODE, USUAL, BOUNDS)).isEqualTo(Outcome.DONE);
  }

  @Test
  void refusesWhatWasDecidedOnAnotherConfiguration() {
    NodeConfiguration other = USUAL.withAccess(AccessModel.OPEN);
    store().create(NINA, NODE, USUAL, BOUNDS);

    assertThat(store().configure(NINA, NODE, other, other)).isEqualTo(Outcome.CHANGED);
    assertThat(store().subscribe(NINA, NINA_JID, NODE, other, FRIEND, BOUNDS))
        .isEqualTo(Outcome.CHANGED);
    assertThat(
            store().publish(NINA, NODE, Optional.of(other), other, List.of(item("a", "")), BOUNDS))
        .isEqualTo(Outcome.CHANGED);
    assertThat(store().find(NINA, NODE)).contains(Node.of(NODE, USUAL));
    assertThat(all()).isEmpty();
  }

  @Test
  void letsTheOldestGo() {
    NodeConfiguration three = USUAL.withMaxItems(3);

    publish(three, item("a", ""), item("b", ""), item("c", ""));
    publish(three, item("a", "again"));
    publish(three, item("d", ""));

    assertThat(ids(all())).containsExactly("c", "a", "d");
    assertThat(store().itemIds(NINA, NODE, 2)).containsExactly("a", "d");
    assertThat(ids(store().items(NINA, NODE, 2, 100_000))).containsExactly("a", "d");

    store().configure(NINA, NODE, three, three.withMaxItems(1));
    assertThat(ids(all())).containsExactly("d");

    store().configure(NINA, NODE, three.withMaxItems(1), three.withPersist(false));
    assertThat(all()).isEmpty();
    assertThat(publish(three.withPersist(false), item("e", ""))).isEqualTo(Outcome.DONE);
    assertThat(all()).isEmpty();
  }

  @Test
  void givesNoMoreOctetsThanWanted() {
    NodeConfiguration many = USUAL.withMaxItems(10);
    for (String id : List.of("a", "b", "c")) {
      publish(many, item(id, "x".repeat(100)));
    }
    int one = item("a", "x".repeat(100)).octets();

    assertThat(ids(store().items(NINA, NODE, 10, 3 * one))).containsExactly("a", "b", "c");
    assertThat(ids(store().items(NINA, NODE, 10, 3 * one - 1))).containsExactly("b", "c");
    assertThat(ids(store().items(NINA, NODE, 10, 1))).containsExactly("c");
    assertThat(ids(store().items(NINA, NODE, List.of("a", "b"), 2 * one - 1))).containsExactly("b");
  }

  @Test
  void idsCountTowardsTheAccount() {
    NodeConfiguration many = USUAL.withMaxItems(50);
    int published = 0;
    while (publish(many, item(published + "i".repeat(900), "")) == Outcome.DONE) {
      published++;
      assertThat(published).isLessThan(50);
    }

    assertThat(published).isPositive();
    assertThat(publish(many, item("a", "x".repeat(900)))).isEqualTo(Outcome.FULL);
  }

  @Test
  void keepsNoMoreThanItsBounds() {
    NodeConfiguration many = USUAL.withMaxItems(50);
    Item big = item("big", "x".repeat(900));
    publish(many, big);
    publish(many, item("big2", "x".repeat(900)), item("big3", "x".repeat(900)));

    assertThat(publish(many, item("big4", "x".repeat(900)))).isEqualTo(Outcome.FULL);
    assertThat(store().publish(OTTO, NODE, Optional.empty(), many, List.of(big), BOUNDS))
        .isEqualTo(Outcome.DONE);
    assertThat(publish(many, big)).as("in place of itself").isEqualTo(Outcome.DONE);
    assertThat(
            store()
                .publish(
                    NINA,
                    "new",
                    Optional.empty(),
                    USUAL,
                    List.of(item("a", "x".repeat(900))),
                    BOUNDS))
        .isEqualTo(Outcome.FULL);
    assertThat(store().find(NINA, "new")).isEmpty();
    assertThat(ids(all())).containsExactly("big2", "big3", "big");

    for (String name : List.of("1", "2", "3")) {
      assertThat(store().create(NINA, name, USUAL, BOUNDS)).isEqualTo(Outcome.DONE);
    }
    assertThat(store().create(NINA, "4", USUAL, BOUNDS)).isEqualTo(Outcome.FULL);
    assertThat(store().publish(NINA, "4", Optional.empty(), USUAL, List.of(item("a", "")), BOUNDS))
        .isEqualTo(Outcome.FULL);
    assertThat(store().nodes(NINA, FRIEND))
        .extracting(Node::name)
        .containsExactly("1", "2", "3", NODE);

    store().purge(NINA, NODE);
    assertThat(publish(many, big)).as("there is room again").isEqualTo(Outcome.DONE);
  }

  @Test
  void takesBackAllOrNothing() {
    publish(USUAL.withMaxItems(5), item("a", ""), item("b", ""), item("c", ""));

    assertThat(store().retract(NINA, NODE, List.of("a", "nothing"))).isEqualTo(Outcome.CHANGED);
    assertThat(ids(all())).containsExactly("a", "b", "c");
    assertThat(store().retract(NINA, NODE, List.of("c", "a"))).isEqualTo(Outcome.DONE);
    assertThat(ids(all())).containsExactly("b");
    assertThat(store().purge(NINA, NODE)).isEqualTo(Outcome.DONE);
    assertThat(all()).isEmpty();
    assertThat(store().find(NINA, NODE)).isPresent();
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 4", rule = "an address that is kept is the same address")
  void keepsAddressesThatPreparationHasChanged() {
    Bounds wide = Bounds.USUAL;
    NodeConfiguration usual = NodeConfiguration.usual(wide);
    store().create(NINA, NODE, usual, wide);
    for (Jid jid : SampleAddresses.ALL) {
      store().affiliate(NINA, NODE, Map.of(jid, Optional.of(Affiliation.MEMBER)), wide);
      store().subscribe(NINA, NINA_JID, NODE, usual, jid, wide);
    }

    Node kept = store().find(NINA, NODE).orElseThrow();
    assertThat(kept.affiliations()).containsOnlyKeys(SampleAddresses.ALL);
    assertThat(kept.subscribers()).containsExactlyInAnyOrderElementsOf(SampleAddresses.ALL);
    SampleAddresses.ALL.forEach(jid -> store().forgetPerson(jid.bare()));
    assertThat(store().find(NINA, NODE)).contains(Node.of(NODE, usual));
  }

  @Test
  void givesNobodyMoreThanTheirShareOfTheSubscriptions() {
    store().create(NINA, NODE, USUAL, BOUNDS);
    assertThat(subscribed("otto@chat.example/1", "otto@chat.example/2")).containsOnly(Outcome.DONE);
    assertThat(subscribed("otto@chat.example/3", "otto@chat.example")).containsOnly(Outcome.FULL);
    assertThat(subscribed("otto@chat.example/1", "kim@chat.example")).containsOnly(Outcome.DONE);
    assertThat(subscribed("list@chat.example")).containsOnly(Outcome.FULL);
    assertThat(store().find(NINA, NODE).orElseThrow().subscribers())
        .containsExactlyInAnyOrder(
            Jid.parse("otto@chat.example/1"),
            Jid.parse("otto@chat.example/2"),
            Jid.parse("kim@chat.example"));
  }

  @Test
  void theOwnersSubscriptionsAreBesideThoseOfOthers() {
    store().create(NINA, NODE, USUAL, BOUNDS);
    assertThat(subscribed("nina@chat.example", "a@b.example", "b@b.example", "c@b.example"))
        .containsOnly(Outcome.DONE);
    assertThat(subscribed("d@b.example")).containsOnly(Outcome.FULL);
    assertThat(subscribed("nina@chat.example/phone")).containsOnly(Outcome.DONE);
    assertThat(subscribed("nina@chat.example/tablet"))
        .as("they have an end, too")
        .containsOnly(Outcome.FULL);
  }

  private List<Outcome> subscribed(String... jids) {
    return Arrays.stream(jids)
        .map(Jid::parse)
        .map(jid -> store().subscribe(NINA, NINA_JID, NODE, USUAL, jid, BOUNDS))
        .toList();
  }

  @Test
  void keepsPeopleApart() {
    Jid full = Jid.parse("otto@chat.example/tablet");
    Jid third = Jid.parse("kim@chat.example");
    store().create(NINA, NODE, USUAL, BOUNDS);

    store().affiliate(NINA, NODE, Map.of(FRIEND, Optional.of(Affiliation.MEMBER)), BOUNDS);
    store().subscribe(NINA, NINA_JID, NODE, USUAL, FRIEND, BOUNDS);
    store().subscribe(NINA, NINA_JID, NODE, USUAL, full, BOUNDS);
    assertThat(store().subscribe(NINA, NINA_JID, NODE, USUAL, full, BOUNDS))
        .isEqualTo(Outcome.DONE);
    assertThat(store().find(NINA, NODE))
        .contains(new Node(NODE, USUAL, Map.of(FRIEND, Affiliation.MEMBER), Set.of(FRIEND, full)));

    assertThat(store().unsubscribe(NINA, NODE, List.of(full, third))).isEqualTo(Outcome.CHANGED);
    assertThat(store().unsubscribe(NINA, NODE, List.of(full, FRIEND))).isEqualTo(Outcome.DONE);
    assertThat(
            store()
                .affiliate(
                    NINA,
                    NODE,
                    Map.of(
                        third,
                        Optional.of(Affiliation.OUTCAST),
                        full.bare(),
                        Optional.of(Affiliation.OUTCAST),
                        PHONE.bare(),
                        Optional.of(Affiliation.MEMBER)),
                    BOUNDS))
        .isEqualTo(Outcome.FULL);
    assertThat(store().find(NINA, NODE))
        .contains(new Node(NODE, USUAL, Map.of(FRIEND, Affiliation.MEMBER), Set.of()));

    store().affiliate(NINA, NODE, Map.of(FRIEND, Optional.empty()), BOUNDS);
    assertThat(store().find(NINA, NODE)).contains(Node.of(NODE, USUAL));
  }

  @Test
  @Spec(
      doc = "XEP-0060",
      section = "5.6",
      rule = "an entity asks for its own subscriptions, those of its resources too")
  @Spec(doc = "XEP-0060", section = "5.7", rule = "an entity asks for its own affiliations")
  void givesForOnesSakeNobodyElse() {
    Jid full = Jid.parse("otto@chat.example/tablet");
    Jid near = Jid.parse("otto@chat.example0");
    Jid nearer = Jid.parse("otto@chat.example.org");
    for (String name : List.of("listed", "heard", "others", "nobody")) {
      store().create(NINA, name, USUAL, BOUNDS);
    }
    store()
        .affiliate(
            NINA,
            "listed",
            Map.of(FRIEND, Optional.of(Affiliation.OUTCAST), near, Optional.of(Affiliation.MEMBER)),
            BOUNDS);
    store().subscribe(NINA, NINA_JID, "heard", USUAL, full, BOUNDS);
    store().subscribe(NINA, NINA_JID, "heard", USUAL, FRIEND, BOUNDS);
    store().affiliate(NINA, "others", Map.of(near, Optional.of(Affiliation.MEMBER)), BOUNDS);
    store().subscribe(NINA, NINA_JID, "others", USUAL, nearer, BOUNDS);
    Node heard = new Node("heard", USUAL, Map.of(), Set.of(FRIEND, full));
    Node listed = new Node("listed", USUAL, Map.of(FRIEND, Affiliation.OUTCAST), Set.of());

    assertThat(store().nodesWith(NINA, FRIEND)).containsExactly(heard, listed);
    assertThat(store().nodesWith(OTTO, FRIEND)).isEmpty();
    assertThat(store().nodesWith(NINA, Jid.parse("mallory@chat.example"))).isEmpty();
    assertThat(store().nodes(NINA, FRIEND))
        .containsExactly(heard, listed, Node.of("nobody", USUAL), Node.of("others", USUAL));
    assertThat(store().find(NINA, "heard", FRIEND)).contains(heard);
    assertThat(store().find(NINA, "others", FRIEND)).contains(Node.of("others", USUAL));
    assertThat(store().find(NINA, "nowhere", FRIEND)).isEmpty();
  }

  @Test
  void givesTheLastItemsOfManyAtOnce() {
    NodeConfiguration quiet = USUAL.withLastItem(LastItem.ON_SUBSCRIPTION);
    publish(USUAL.withMaxItems(3), item("a", ""), item("b", ""));
    store().publish(NINA, "tune", Optional.empty(), USUAL, List.of(item("t", "")), BOUNDS);
    store().publish(NINA, "quiet", Optional.empty(), quiet, List.of(item("q", "")), BOUNDS);
    store().create(NINA, "empty", USUAL, BOUNDS);
    store().publish(OTTO, NODE, Optional.empty(), USUAL, List.of(item("o", "")), BOUNDS);
    Jid other = Jid.parse("kim@chat.example");
    store()
        .affiliate(
            OTTO,
            NODE,
            Map.of(
                FRIEND, Optional.of(Affiliation.MEMBER), other, Optional.of(Affiliation.OUTCAST)),
            BOUNDS);
    store().subscribe(OTTO, OTTO_JID, NODE, USUAL, other, BOUNDS);

    Map<AccountId, List<NodeStore.Last>> last =
        store()
            .lastItems(
                List.of(NINA, OTTO, new AccountId("acct-nobody")),
                Set.of(NODE, "quiet", "empty", "nowhere"),
                FRIEND);

    assertThat(last).containsOnlyKeys(NINA, OTTO);
    assertThat(last.get(NINA))
        .containsExactly(new NodeStore.Last(Node.of(NODE, USUAL.withMaxItems(3)), item("b", "")));
    assertThat(last.get(OTTO))
        .containsExactly(
            new NodeStore.Last(
                new Node(NODE, USUAL, Map.of(FRIEND, Affiliation.MEMBER), Set.of()),
                item("o", "")));
    assertThat(store().lastItems(List.of(), Set.of(NODE), FRIEND)).isEmpty();
    assertThat(store().lastItems(List.of(NINA), Set.of(), FRIEND)).isEmpty();
  }

  @Test
  @Spec(doc = "latchkey", section = "4", rule = "nothing of a removed account is left")
  void forgetsAllOfOneAccount() {
    publish(USUAL, item("a", ""));
    store().subscribe(NINA, NINA_JID, NODE, USUAL, FRIEND, BOUNDS);
    store().publish(OTTO, NODE, Optional.empty(), USUAL, List.of(item("o", "")), BOUNDS);

    store().forget(NINA);

    assertThat(store().nodes(NINA, FRIEND)).isEmpty();
    assertThat(all()).isEmpty();
    store().create(NINA, NODE, USUAL, BOUNDS);
    assertThat(store().find(NINA, NODE)).contains(Node.of(NODE, USUAL));
    assertThat(ids(store().items(OTTO, NODE, 9, 999))).containsExactly("o");
  }

  @Test
  @Spec(doc = "latchkey", section = "4", rule = "nobody inherits what others allowed somebody else")
  void forgetsAPersonWhereverItIs() {
    Jid full = Jid.parse("otto@chat.example/tablet");
    Jid near = Jid.parse("otto@chat.example0");
    Jid kim = Jid.parse("kim@chat.example/otto");
    for (AccountId account : List.of(NINA, OTTO)) {
      for (String name : List.of(NODE, "other")) {
        store().create(account, name, USUAL, BOUNDS);
        store()
            .affiliate(
                account,
                name,
                Map.of(
                    FRIEND,
                    Optional.of(Affiliation.MEMBER),
                    near,
                    Optional.of(Affiliation.OUTCAST)),
                BOUNDS);
        store().subscribe(account, NINA_JID, name, USUAL, full, BOUNDS);
        store().subscribe(account, NINA_JID, name, USUAL, kim, BOUNDS);
      }
    }

    store().forgetPerson(FRIEND);

    for (AccountId account : List.of(NINA, OTTO)) {
      for (String name : List.of(NODE, "other")) {
        assertThat(store().find(account, name))
            .contains(new Node(name, USUAL, Map.of(near, Affiliation.OUTCAST), Set.of(kim)));
      }
    }
  }

  @Test
  void makesANodeOnceWhenManyPublishAtOnce() throws Exception {
    List<Future<Outcome>> ends = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      IntStream.range(0, 16)
          .mapToObj(n -> item("item-" + n, ""))
          .forEach(
              item ->
                  ends.add(
                      threads.submit(
                          () ->
                              store()
                                  .publish(
                                      NINA,
                                      NODE,
                                      Optional.empty(),
                                      USUAL,
                                      List.of(item),
                                      BOUNDS))));
    }
    int done = 0;
    for (Future<Outcome> end : ends) {
      done += end.get() == Outcome.DONE ? 1 : 0;
    }
    assertThat(done).isEqualTo(1);
    assertThat(all()).hasSize(1);
  }
}
