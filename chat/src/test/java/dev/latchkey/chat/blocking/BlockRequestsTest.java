// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.blocking;

import static dev.latchkey.chat.blocking.BlockListTest.ROMEO;
import static dev.latchkey.chat.blocking.BlockListTest.list;
import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.chat.stanza.Iq;
import dev.latchkey.credential.Jid;
import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BlockRequestsTest {
  private static final Jid GARDEN = Jid.parse("romeo@example.org/garden");

  private static Iq iq(String type, Element payload) {
    return Iq.read(
            Element.named("iq", Namespaces.CLIENT)
                .attribute("type", type)
                .attribute("id", "b1")
                .child(payload)
                .build())
        .orElseThrow();
  }

  private static Element payload(String name, String... jids) {
    return Element.named(name, BlockNamespaces.BLOCKING)
        .children(
            Arrays.stream(jids)
                .map(
                    jid ->
                        Element.named("item", BlockNamespaces.BLOCKING)
                            .attribute("jid", jid)
                            .build())
                .toList())
        .build();
  }

  private static BlockAnswer set(BlockList list, Element payload) {
    return BlockRequests.answer(iq("set", payload), ROMEO, list);
  }

  private static void refuses(String condition, BlockAnswer answer) {
    assertThat(answer.change()).isEmpty();
    assertThat(
            answer
                .reply()
                .child("error", Namespaces.CLIENT)
                .flatMap(error -> error.child(condition, Namespaces.STANZA_ERRORS)))
        .as(condition)
        .isPresent();
  }

  private static String[] jids(int count) {
    return IntStream.range(0, count).mapToObj(i -> "j" + i + "@example.org").toArray(String[]::new);
  }

  @Test
  @Spec(doc = "XEP-0191", section = "3.3", rule = "a block without an item is a bad request")
  void refusesABlockOfNobody() {
    refuses("bad-request", set(BlockList.EMPTY, payload("block")));
    Element other =
        Element.named("block", BlockNamespaces.BLOCKING).child("item", "urn:example").build();
    refuses("bad-request", set(BlockList.EMPTY, other));
  }

  @Test
  void anUnblockOfWhatIsNoItemIsNotTakenForAll() {
    Element other =
        Element.named("unblock", BlockNamespaces.BLOCKING).child("item", "urn:example").build();
    refuses("bad-request", set(list("a@evil.example"), other));
  }

  @Test
  void refusesAddressesThatAreNone() {
    for (String name : new String[] {"block", "unblock"}) {
      refuses("jid-malformed", set(BlockList.EMPTY, payload(name, "a@evil.example", "@x")));
      refuses("jid-malformed", set(BlockList.EMPTY, payload(name, "")));
      Element without =
          Element.named(name, BlockNamespaces.BLOCKING)
              .child("item", BlockNamespaces.BLOCKING)
              .build();
      refuses("bad-request", set(BlockList.EMPTY, without));
    }
  }

  @Test
  void refusesTooManyAtOnceAndTooManyInAll() {
    for (String name : new String[] {"block", "unblock"}) {
      refuses(
          "bad-request", set(BlockList.EMPTY, payload(name, jids(BlockRequests.MOST_AT_ONCE + 1))));
      refuses("bad-request", set(BlockList.EMPTY, payload(name, jids(10_000))));
    }
    BlockList full = list(jids(BlockList.MOST_ITEMS));
    refuses("resource-constraint", set(full, payload("block", "a@evil.example")));
    assertThat(set(full, payload("unblock", "j0@example.org")).change()).isPresent();
  }

  @Test
  void refusesToBlockTheAccountItself() {
    refuses("not-allowed", set(BlockList.EMPTY, payload("block", "romeo@example.org")));
    refuses("not-allowed", set(BlockList.EMPTY, payload("block", "ROMEO@example.org/garden")));
  }

  @Test
  void refusesTheWrongTypeAndUnknownRequests() {
    refuses("bad-request", set(BlockList.EMPTY, payload("blocklist")));
    for (String name : new String[] {"block", "unblock"}) {
      refuses(
          "bad-request",
          BlockRequests.answer(
              iq("get", payload(name, "a@evil.example")), ROMEO, list("a@evil.example")));
    }
    refuses("feature-not-implemented", set(BlockList.EMPTY, payload("shun")));
  }

  @Test
  void getsTheListAndIsInterestedThen() {
    BlockAnswer answer =
        BlockRequests.answer(iq("get", payload("blocklist")), ROMEO, list("a@evil.example", "b.c"));
    assertThat(answer.interested()).isTrue();
    assertThat(answer.reply().children())
        .containsExactly(payload("blocklist", "a@evil.example", "b.c"));
    assertThat(
            BlockRequests.answer(iq("get", payload("blocklist")), ROMEO, BlockList.EMPTY)
                .reply()
                .children())
        .containsExactly(payload("blocklist"));
  }

  @Test
  void blocksUnblocksAndPushesWhatWasAsked() {
    BlockChange block =
        set(list("a@evil.example"), payload("block", "b@evil.example", "a@evil.example"))
            .change()
            .orElseThrow();
    assertThat(block.after()).isEqualTo(list("a@evil.example", "b@evil.example"));
    assertThat(BlockRequests.push(block, GARDEN, "p1"))
        .isEqualTo(
            Element.named("iq", Namespaces.CLIENT)
                .attribute("type", "set")
                .attribute("id", "p1")
                .attribute("to", GARDEN.toString())
                .child(payload("block", "b@evil.example", "a@evil.example"))
                .build());
    BlockChange unblock =
        set(block.after(), payload("unblock", "a@evil.example")).change().orElseThrow();
    assertThat(unblock.after()).isEqualTo(list("b@evil.example"));
  }

  @Test
  @Spec(doc = "XEP-0191", section = "3.5", rule = "an empty unblock unblocks all")
  void anEmptyUnblockIsForAll() {
    BlockChange change =
        set(list("a@evil.example", "b.c"), payload("unblock")).change().orElseThrow();
    assertThat(change.after()).isEqualTo(BlockList.EMPTY);
    assertThat(BlockRequests.push(change, GARDEN, "p1").children())
        .containsExactly(payload("unblock"));
  }

  @Test
  void whatIsSoAlreadyIsDoneAndChangesNothing() {
    BlockAnswer again = set(list("a@evil.example"), payload("block", "a@evil.example"));
    assertThat(again.change()).isEmpty();
    assertThat(again.reply().attribute("type")).contains("result");
    assertThat(set(BlockList.EMPTY, payload("unblock")).change()).isEmpty();
  }
}
