// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.roster;

import static dev.latchkey.chat.roster.SubscriptionState.BOTH;
import static dev.latchkey.chat.roster.SubscriptionState.FROM;
import static dev.latchkey.chat.roster.SubscriptionState.FROM_PENDING_OUT;
import static dev.latchkey.chat.roster.SubscriptionState.NONE;
import static dev.latchkey.chat.roster.SubscriptionState.NONE_PENDING_IN;
import static dev.latchkey.chat.roster.SubscriptionState.NONE_PENDING_OUT;
import static dev.latchkey.chat.roster.SubscriptionState.NONE_PENDING_OUT_IN;
import static dev.latchkey.chat.roster.SubscriptionState.TO;
import static dev.latchkey.chat.roster.SubscriptionState.TO_PENDING_IN;

import dev.latchkey.chat.stanza.PresenceType;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// What each subscription stanza does in each state (RFC 6121 Appendix A.2 and A.3). Pure.
public final class SubscriptionTable {
  /// One cell.
  private sealed interface Cell {
    /// The stanza goes on; the state becomes this, or stays.
    record Pass(Optional<SubscriptionState> next) implements Cell {}

    /// The stanza goes nowhere and changes nothing.
    record Drop() implements Cell {}

    /// §3.4.2: goes nowhere; the contact's request is granted when it comes.
    record Approve() implements Cell {}

    /// §3.1.3: a request; the state becomes `asked`, or `granted` at once if it was approved.
    record Ask(SubscriptionState asked, SubscriptionState granted) implements Cell {}

    /// §3.1.3: a request for what the contact has already; it is told so.
    record Confirm() implements Cell {}
  }

  private static final Cell STAY = new Cell.Pass(Optional.empty());
  private static final Cell DROP = new Cell.Drop();
  private static final Cell APPROVE = new Cell.Approve();
  private static final Cell CONFIRM = new Cell.Confirm();

  /// What each of the four stanzas does.
  private record Cells(Cell subscribe, Cell unsubscribe, Cell subscribed, Cell unsubscribed) {
    Cell of(PresenceType type) {
      return switch (type) {
        case SUBSCRIBE -> subscribe;
        case UNSUBSCRIBE -> unsubscribe;
        case SUBSCRIBED -> subscribed;
        case UNSUBSCRIBED -> unsubscribed;
        case AVAILABLE, UNAVAILABLE, PROBE, ERROR ->
            throw new IllegalArgumentException("not of a subscription: " + type);
      };
    }
  }

  private record Row(Cells sends, Cells gets) {}

  /// The columns of each half: subscribe, unsubscribe, subscribed, unsubscribed.
  private static final Map<SubscriptionState, Row> ROWS = new EnumMap<>(SubscriptionState.class);

  static {
    row(
        NONE,
        cells(go(NONE_PENDING_OUT), STAY, APPROVE, DROP),
        cells(ask(NONE_PENDING_IN, FROM), DROP, DROP, DROP));
    row(
        NONE_PENDING_OUT,
        cells(STAY, go(NONE), APPROVE, DROP),
        cells(ask(NONE_PENDING_OUT_IN, FROM_PENDING_OUT), DROP, go(TO), go(NONE)));
    row(
        NONE_PENDING_IN,
        cells(go(NONE_PENDING_OUT_IN), STAY, go(FROM), go(NONE)),
        cells(DROP, go(NONE), DROP, DROP));
    row(
        NONE_PENDING_OUT_IN,
        cells(STAY, go(NONE_PENDING_IN), go(FROM_PENDING_OUT), go(NONE_PENDING_OUT)),
        cells(DROP, go(NONE_PENDING_OUT), go(TO_PENDING_IN), go(NONE_PENDING_IN)));
    row(
        TO,
        cells(STAY, go(NONE), APPROVE, DROP),
        cells(ask(TO_PENDING_IN, BOTH), DROP, DROP, go(NONE)));
    row(
        TO_PENDING_IN,
        cells(STAY, go(NONE_PENDING_IN), go(BOTH), go(TO)),
        cells(DROP, go(TO), DROP, go(NONE_PENDING_IN)));
    row(
        FROM,
        cells(go(FROM_PENDING_OUT), STAY, DROP, go(NONE)),
        cells(CONFIRM, go(NONE), DROP, DROP));
    row(
        FROM_PENDING_OUT,
        cells(STAY, go(FROM), DROP, go(NONE_PENDING_OUT)),
        cells(CONFIRM, go(NONE_PENDING_OUT), go(BOTH), go(FROM)));
    row(BOTH, cells(STAY, go(FROM), DROP, go(TO)), cells(CONFIRM, go(TO), DROP, go(FROM)));
  }

  private SubscriptionTable() {}

  /// The account sends a stanza to the contact.
  ///
  /// @throws IllegalArgumentException if the type is none of the four of a subscription
  public static SubscriptionStep outbound(Subscription before, PresenceType type) {
    // Who says no ends an approval too, in every state.
    boolean approved = before.approved() && type != PresenceType.UNSUBSCRIBED;
    return step(before, row(before).sends.of(type), approved);
  }

  /// A stanza of the contact comes to the account.
  ///
  /// @throws IllegalArgumentException if the type is none of the four of a subscription
  public static SubscriptionStep inbound(Subscription before, PresenceType type) {
    return step(before, row(before).gets.of(type), before.approved());
  }

  /// @param approved whether the approval stands, as far as the cell says nothing else
  private static SubscriptionStep step(Subscription before, Cell cell, boolean approved) {
    SubscriptionState state = before.state();
    return switch (cell) {
      case Cell.Pass(Optional<SubscriptionState> next) ->
          step(before, new Subscription(next.orElse(state), approved), true, Optional.empty());
      case Cell.Drop() -> step(before, new Subscription(state, approved), false, Optional.empty());
      case Cell.Approve() -> step(before, new Subscription(state, true), false, Optional.empty());
      case Cell.Ask(SubscriptionState asked, SubscriptionState granted) ->
          approved
              ? step(
                  before,
                  new Subscription(granted, true),
                  false,
                  Optional.of(PresenceType.SUBSCRIBED))
              : step(before, new Subscription(asked, false), true, Optional.empty());
      case Cell.Confirm() -> step(before, before, false, Optional.of(PresenceType.SUBSCRIBED));
    };
  }

  private static SubscriptionStep step(
      Subscription before, Subscription after, boolean passes, Optional<PresenceType> answer) {
    return new SubscriptionStep(after, passes, !after.looksLike(before), answer);
  }

  private static Row row(Subscription before) {
    return Objects.requireNonNull(ROWS.get(before.state()));
  }

  private static void row(SubscriptionState state, Cells sends, Cells gets) {
    ROWS.put(state, new Row(sends, gets));
  }

  private static Cells cells(Cell subscribe, Cell unsubscribe, Cell subscribed, Cell unsubscribed) {
    return new Cells(subscribe, unsubscribe, subscribed, unsubscribed);
  }

  private static Cell go(SubscriptionState next) {
    return new Cell.Pass(Optional.of(next));
  }

  private static Cell ask(SubscriptionState asked, SubscriptionState granted) {
    return new Cell.Ask(asked, granted);
  }
}
