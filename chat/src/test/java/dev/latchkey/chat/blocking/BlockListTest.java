// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.blocking;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Jid;
import dev.latchkey.testkit.Spec;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class BlockListTest {
  static final AccountJid ROMEO = AccountJid.parse("romeo@example.org");

  static BlockList list(String... items) {
    return BlockList.of(Arrays.stream(items).map(Jid::parse).toList());
  }

  private static boolean blocks(String item, String address) {
    return list(item).blocks(Jid.parse(address), ROMEO);
  }

  @Test
  @Spec(
      doc = "XEP-0191",
      section = "5",
      rule = "a resource blocks itself, an account its resources, a domain all there")
  void blocksItselfAndWhatIsBelow() {
    assertThat(blocks("a@evil.example/r", "a@evil.example/r")).isTrue();
    assertThat(blocks("a@evil.example/r", "a@evil.example/s")).isFalse();
    assertThat(blocks("a@evil.example/r", "a@evil.example")).isFalse();

    assertThat(blocks("a@evil.example", "a@evil.example")).isTrue();
    assertThat(blocks("a@evil.example", "A@evil.example/r")).isTrue();
    assertThat(blocks("a@evil.example", "b@evil.example")).isFalse();
    assertThat(blocks("a@evil.example", "evil.example")).isFalse();

    assertThat(blocks("evil.example/r", "evil.example/r")).isTrue();
    assertThat(blocks("evil.example/r", "evil.example")).isFalse();
    assertThat(blocks("evil.example/r", "a@evil.example/r")).isFalse();

    assertThat(blocks("evil.example", "evil.example")).isTrue();
    assertThat(blocks("evil.example", "evil.example/r")).isTrue();
    assertThat(blocks("evil.example", "a@evil.example/r")).isTrue();
    assertThat(blocks("evil.example", "a@very.evil.example")).isFalse();
  }

  @Test
  @Spec(doc = "XEP-0191", section = "4", rule = "one's own resources are never blocked")
  void neverBlocksTheAccountItselfNorItsServer() {
    assertThat(blocks("example.org", "romeo@example.org/r")).isFalse();
    assertThat(blocks("example.org", "example.org")).isFalse();
    assertThat(blocks("romeo@example.org/r", "romeo@example.org/r")).isFalse();
    assertThat(blocks("example.org", "juliet@example.org")).isTrue();
  }

  @Test
  void tellsNobodyWhomItBlocks() {
    assertThat(list("a@evil.example").toString()).doesNotContain("evil");
  }

  @Test
  @Spec(
      doc = "XEP-0191",
      section = "3.3",
      rule = "who saw the account's presence and is blocked now gets unavailable presence")
  void tellsWhoNoLongerSeesTheAccount() {
    BlockList before = list("old@evil.example");
    BlockList after =
        before.with(
            List.of(
                Jid.parse("evil.example"),
                Jid.parse("nurse@example.org/phone"),
                Jid.parse("stranger@example.org/x")));
    BlockChange change =
        new BlockChange(ROMEO, before, after, new BlockChange.Pushed("block", List.of()));
    List<Jid> watchers =
        List.of(
            Jid.parse("a@evil.example"),
            Jid.parse("old@evil.example"),
            Jid.parse("nurse@example.org"),
            Jid.parse("juliet@example.org"));
    assertThat(change.hiddenFrom(watchers))
        .containsExactly(Jid.parse("a@evil.example"), Jid.parse("nurse@example.org/phone"));
    assertThat(change.shownTo(watchers)).isEmpty();
    BlockChange back =
        new BlockChange(ROMEO, after, before, new BlockChange.Pushed("unblock", List.of()));
    assertThat(back.shownTo(watchers)).isEqualTo(change.hiddenFrom(watchers));
    assertThat(back.hiddenFrom(watchers)).isEmpty();
  }
}
