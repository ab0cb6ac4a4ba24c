// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.roster;

import static dev.latchkey.chat.stanza.PresenceType.SUBSCRIBE;
import static dev.latchkey.chat.stanza.PresenceType.SUBSCRIBED;
import static dev.latchkey.chat.stanza.PresenceType.UNSUBSCRIBE;
import static dev.latchkey.chat.stanza.PresenceType.UNSUBSCRIBED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.chat.stanza.PresenceType;
import dev.latchkey.testkit.Spec;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SubscriptionTableTest {
  private static final List<PresenceType> STANZAS =
      List.of(SUBSCRIBE, UNSUBSCRIBE, SUBSCRIBED, UNSUBSCRIBED);

  /// The tables of RFC 6121 Appendix A, one after the other: existing state, whether the stanza
  /// must be routed or delivered, new state. "-" is no state change. The short names: N, T, F, B
  /// for None, To, From, Both; "o" and "i" for Pending Out and In.
  private static final String APPENDIX =
      """
      A.2.1 outbound SUBSCRIBE
        N    yes No
        No   yes -
        Ni   yes Noi
        Noi  yes -
        T    yes -
        Ti   yes -
        F    yes Fo
        Fo   yes -
        B    yes -
      A.2.2 outbound UNSUBSCRIBE
        N    yes -
        No   yes N
        Ni   yes -
        Noi  yes Ni
        T    yes N
        Ti   yes Ni
        F    yes -
        Fo   yes F
        B    yes F
      A.2.3 outbound SUBSCRIBED
        N    no  -
        No   no  -
        Ni   yes F
        Noi  yes Fo
        T    no  -
        Ti   yes B
        F    no  -
        Fo   no  -
        B    no  -
      A.2.4 outbound UNSUBSCRIBED
        N    no  -
        No   no  -
        Ni   yes N
        Noi  yes No
        T    no  -
        Ti   yes T
        F    yes N
        Fo   yes No
        B    yes T
      A.3.1 inbound SUBSCRIBE
        N    yes Ni
        No   yes Noi
        Ni   no  -
        Noi  no  -
        T    yes Ti
        Ti   no  -
        F    no  -
        Fo   no  -
        B    no  -
      A.3.2 inbound UNSUBSCRIBE
        N    no  -
        No   no  -
        Ni   yes N
        Noi  yes No
        T    no  -
        Ti   yes T
        F    yes N
        Fo   yes No
        B    yes T
      A.3.3 inbound SUBSCRIBED
        N    no  -
        No   yes T
        Ni   no  -
        Noi  yes Ti
        T    no  -
        Ti   no  -
        F    no  -
        Fo   yes B
        B    no  -
      A.3.4 inbound UNSUBSCRIBED
        N    no  -
        No   yes N
        Ni   no  -
        Noi  yes Ni
        T    yes N
        Ti   yes Ni
        F    no  -
        Fo   yes F
        B    yes F
      """;

  private static final Map<String, SubscriptionState> SHORT = new LinkedHashMap<>();

  static {
    SHORT.put("N", SubscriptionState.NONE);
    SHORT.put("No", SubscriptionState.NONE_PENDING_OUT);
    SHORT.put("Ni", SubscriptionState.NONE_PENDING_IN);
    SHORT.put("Noi", SubscriptionState.NONE_PENDING_OUT_IN);
    SHORT.put("T", SubscriptionState.TO);
    SHORT.put("Ti", SubscriptionState.TO_PENDING_IN);
    SHORT.put("F", SubscriptionState.FROM);
    SHORT.put("Fo", SubscriptionState.FROM_PENDING_OUT);
    SHORT.put("B", SubscriptionState.BOTH);
  }

  private static SubscriptionState state(String name) {
    return Objects.requireNonNull(SHORT.get(name), name);
  }

  private static SubscriptionStep step(boolean outbound, Subscription before, PresenceType type) {
    return outbound
        ? SubscriptionTable.outbound(before, type)
        : SubscriptionTable.inbound(before, type);
  }

  private static Subscription plain(SubscriptionState state) {
    return new Subscription(state, false);
  }

  /// What a client sees of a state, spelled from Appendix A.1.
  private static String look(SubscriptionState state) {
    String name =
        SHORT.entrySet().stream()
            .filter(entry -> entry.getValue() == state)
            .map(Map.Entry::getKey)
            .findAny()
            .orElseThrow();
    return name.replace("i", "");
  }

  @Test
  @Spec(
      doc = "RFC 6121",
      section = "A.2, A.3",
      rule = "every stanza in every state: whether it goes on, and the state then")
  void everyCellIsTheAppendix() {
    boolean outbound = false;
    PresenceType type = SUBSCRIBE;
    int cells = 0;
    for (String line : APPENDIX.lines().toList()) {
      String[] words = line.strip().split(" +");
      if (!line.startsWith(" ")) {
        outbound = words[1].equals("outbound");
        type = PresenceType.valueOf(words[2]);
        continue;
      }
      SubscriptionState state = state(words[0]);
      SubscriptionState next = words[2].equals("-") ? state : state(words[2]);
      SubscriptionStep step = step(outbound, plain(state), type);
      assertThat(step.after().state()).as("%s %s in %s", outbound, type, words[0]).isEqualTo(next);
      assertThat(step.passes())
          .as("%s %s in %s passes", outbound, type, words[0])
          .isEqualTo(words[1].equals("yes"));
      boolean approves =
          outbound && type == SUBSCRIBED && Set.of("N", "No", "T").contains(words[0]);
      assertThat(step.after().approved()).isEqualTo(approves);
      assertThat(step.push())
          .as("%s %s in %s is pushed", outbound, type, words[0])
          .isEqualTo(approves || !look(state).equals(look(next)));
      boolean confirms =
          !outbound && type == SUBSCRIBE && Set.of("F", "Fo", "B").contains(words[0]);
      assertThat(step.answer()).isEqualTo(confirms ? Optional.of(SUBSCRIBED) : Optional.empty());
      cells++;
    }
    assertThat(cells).isEqualTo(9 * 8);
  }

  @ParameterizedTest
  @EnumSource(
      value = PresenceType.class,
      names = {"AVAILABLE", "UNAVAILABLE", "PROBE", "ERROR"})
  void refusesWhatIsNoSubscription(PresenceType type) {
    assertThatThrownBy(() -> SubscriptionTable.outbound(Subscription.NONE, type))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> SubscriptionTable.inbound(Subscription.NONE, type))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  @Spec(
      doc = "RFC 6121",
      section = "3.4.2",
      rule = "a request approved in advance is granted at once and not shown to clients")
  void anApprovedRequestIsGrantedUnheard() {
    Map<SubscriptionState, SubscriptionState> granted =
        Map.of(
            SubscriptionState.NONE, SubscriptionState.FROM,
            SubscriptionState.NONE_PENDING_OUT, SubscriptionState.FROM_PENDING_OUT,
            SubscriptionState.TO, SubscriptionState.BOTH);
    granted.forEach(
        (before, after) -> {
          SubscriptionStep step =
              SubscriptionTable.inbound(new Subscription(before, true), SUBSCRIBE);
          assertThat(step.after()).isEqualTo(new Subscription(after, true));
          assertThat(step.passes()).isFalse();
          assertThat(step.push()).isTrue();
          assertThat(step.answer()).contains(SUBSCRIBED);
        });
  }

  @ParameterizedTest
  @EnumSource(SubscriptionState.class)
  @Spec(
      doc = "RFC 6121",
      section = "3.4.2",
      rule = "who refuses or cancels a subscription has approved nothing any more")
  void aRefusalEndsAnApprovalInEveryState(SubscriptionState state) {
    SubscriptionStep step = SubscriptionTable.outbound(new Subscription(state, true), UNSUBSCRIBED);
    assertThat(step.after().approved()).isFalse();
    assertThat(step.push()).isTrue();
    assertThat(step.after().state())
        .isEqualTo(SubscriptionTable.outbound(plain(state), UNSUBSCRIBED).after().state());
  }

  @ParameterizedTest
  @EnumSource(SubscriptionState.class)
  void nothingElseEndsAnApproval(SubscriptionState state) {
    for (PresenceType type : STANZAS) {
      Subscription approved = new Subscription(state, true);
      if (!state.isPendingIn()) { // what waits was not approved
        assertThat(SubscriptionTable.inbound(approved, type).after().approved()).isTrue();
      }
      if (type != UNSUBSCRIBED) {
        assertThat(SubscriptionTable.outbound(approved, type).after().approved()).isTrue();
      }
    }
  }

  /// Both sides.
  private record Pair(Subscription one, Subscription other) {
    boolean mirrored() {
      return seenBy(one, other) && seenBy(other, one);
    }

    private static boolean seenBy(Subscription one, Subscription other) {
      return one.state().isTo() == other.state().isFrom()
          && one.state().isPendingOut() == other.state().isPendingIn();
    }

    /// One side's client sends a stanza, and all that follows happens.
    Pair after(boolean byOne, PresenceType type) {
      Subscription sender = byOne ? one : other;
      Subscription receiver = byOne ? other : one;
      SubscriptionStep out = SubscriptionTable.outbound(sender, type);
      sender = out.after();
      if (out.passes()) {
        SubscriptionStep in = SubscriptionTable.inbound(receiver, type);
        receiver = in.after();
        if (in.answer().isPresent()) {
          sender = SubscriptionTable.inbound(sender, in.answer().get()).after();
        }
      }
      return byOne ? new Pair(sender, receiver) : new Pair(receiver, sender);
    }
  }

  @Test
  @Spec(
      doc = "RFC 6121",
      section = "A",
      rule = "two sides that hear each other always agree on who sees whom and who asked")
  void bothSidesAlwaysMirrorEachOther() {
    Set<Pair> seen = new HashSet<>();
    Queue<Pair> open = new ArrayDeque<>(List.of(new Pair(Subscription.NONE, Subscription.NONE)));
    while (!open.isEmpty()) {
      Pair pair = open.remove();
      assertThat(pair.mirrored()).as(pair.toString()).isTrue();
      if (seen.add(pair)) {
        for (PresenceType type : STANZAS) {
          open.add(pair.after(true, type));
          open.add(pair.after(false, type));
        }
      }
    }
    assertThat(seen.stream().map(pair -> pair.one().state()))
        .contains(SubscriptionState.values())
        .hasSizeGreaterThan(SubscriptionState.values().length);
  }
}
