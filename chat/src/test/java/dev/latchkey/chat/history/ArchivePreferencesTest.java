// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.chat.history.ArchivePreferences.Standing;
import dev.latchkey.credential.Jid;
import dev.latchkey.testkit.Spec;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class ArchivePreferencesTest {
  private static final Jid ROMEO = Jid.parse("romeo@montague.example");
  private static final Jid ORCHARD = Jid.parse("romeo@montague.example/orchard");
  private static final Jid HOME = Jid.parse("romeo@montague.example/home");

  private static boolean wants(Standing standing, Set<Jid> always, Set<Jid> never, Jid peer) {
    return new ArchivePreferences(standing, always, never).wants(peer, ROMEO::equals);
  }

  @Test
  @Spec(doc = "XEP-0441", section = "2.1.1", rule = "what holds for who is not listed")
  void whoIsNotListedFallsUnderTheDefault() {
    Jid tybalt = Jid.parse("tybalt@capulet.example/street");
    assertThat(wants(Standing.ALWAYS, Set.of(), Set.of(), tybalt)).isTrue();
    assertThat(wants(Standing.NEVER, Set.of(), Set.of(), ORCHARD)).isFalse();
    assertThat(wants(Standing.ROSTER, Set.of(), Set.of(), tybalt)).isFalse();
    assertThat(wants(Standing.ROSTER, Set.of(), Set.of(), ORCHARD)).isTrue();
  }

  @Test
  @Spec(
      doc = "XEP-0441",
      section = "2.3.1",
      rule = "a bare JID in a list means all its resources, a full one only itself")
  void listsGoBeforeTheDefault() {
    assertThat(wants(Standing.NEVER, Set.of(ROMEO), Set.of(), ORCHARD)).isTrue();
    assertThat(wants(Standing.NEVER, Set.of(ORCHARD), Set.of(), ORCHARD)).isTrue();
    assertThat(wants(Standing.NEVER, Set.of(ORCHARD), Set.of(), HOME)).isFalse();
    assertThat(wants(Standing.NEVER, Set.of(ORCHARD), Set.of(), ROMEO)).isFalse();
    assertThat(wants(Standing.ALWAYS, Set.of(), Set.of(ROMEO), HOME)).isFalse();
    assertThat(wants(Standing.ALWAYS, Set.of(), Set.of(ORCHARD), HOME)).isTrue();
    assertThat(wants(Standing.ALWAYS, Set.of(ROMEO), Set.of(ORCHARD), ORCHARD)).isFalse();
  }

  @Test
  void refusesTooLongLists() {
    Set<Jid> many =
        IntStream.rangeClosed(0, ArchivePreferences.MOST_LISTED)
            .mapToObj(i -> Jid.parse("romeo" + i + "@montague.example"))
            .collect(Collectors.toSet());
    assertThatThrownBy(() -> new ArchivePreferences(Standing.ALWAYS, many, Set.of()))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
