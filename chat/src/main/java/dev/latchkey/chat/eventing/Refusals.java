// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.eventing;

import dev.latchkey.chat.stanza.StanzaError;
import dev.latchkey.wire.element.Element;
import java.util.List;
import java.util.Optional;

/// The refusals of XEP-0060, with its own conditions in them.
final class Refusals {
  static final StanzaError CLOSED_NODE = with(StanzaError.NOT_ALLOWED, "closed-node");
  static final StanzaError INVALID_JID = with(StanzaError.BAD_REQUEST, "invalid-jid");
  static final StanzaError INVALID_OPTIONS = with(StanzaError.BAD_REQUEST, "invalid-options");
  static final StanzaError INVALID_PAYLOAD = with(StanzaError.BAD_REQUEST, "invalid-payload");
  static final StanzaError ITEM_FORBIDDEN = with(StanzaError.BAD_REQUEST, "item-forbidden");
  static final StanzaError ITEM_REQUIRED = with(StanzaError.BAD_REQUEST, "item-required");
  static final StanzaError JID_REQUIRED = with(StanzaError.BAD_REQUEST, "jid-required");
  static final StanzaError MAX_ITEMS_EXCEEDED = with(StanzaError.NOT_ALLOWED, "max-items-exceeded");
  static final StanzaError NODE_ID_REQUIRED = with(StanzaError.BAD_REQUEST, "nodeid-required");
  static final StanzaError NOT_IN_GROUP = with(StanzaError.NOT_AUTHORIZED, "not-in-roster-group");
  static final StanzaError NOT_SUBSCRIBED =
      with(
          new StanzaError(
              StanzaError.Type.CANCEL, "unexpected-request", List.of(), Optional.empty()),
          "not-subscribed");
  static final StanzaError PAYLOAD_REQUIRED = with(StanzaError.BAD_REQUEST, "payload-required");
  static final StanzaError PAYLOAD_TOO_BIG = with(StanzaError.NOT_ACCEPTABLE, "payload-too-big");
  static final StanzaError PRECONDITION_NOT_MET =
      with(StanzaError.CONFLICT, "precondition-not-met");
  static final StanzaError PRESENCE_REQUIRED =
      with(StanzaError.NOT_AUTHORIZED, "presence-subscription-required");
  static final StanzaError TOO_MANY_SUBSCRIPTIONS =
      with(
          new StanzaError(StanzaError.Type.WAIT, "policy-violation", List.of(), Optional.empty()),
          "too-many-subscriptions");
  static final StanzaError UNSUPPORTED_ACCESS_MODEL =
      with(StanzaError.NOT_ACCEPTABLE, "unsupported-access-model");

  private Refusals() {}

  private static StanzaError with(StanzaError error, String condition) {
    return error.with(Element.empty(condition, PubSub.ERRORS));
  }

  /// What is not offered at all.
  static StanzaError unsupported(String feature) {
    return StanzaError.FEATURE_NOT_IMPLEMENTED.with(
        Element.named("unsupported", PubSub.ERRORS).attribute("feature", feature).build());
  }

  /// Why somebody may not read a node (XEP-0060 §6.5.9); nothing if they may.
  static Optional<StanzaError> of(Node.Access access) {
    return switch (access) {
      case GRANTED -> Optional.empty();
      case OUTCAST -> Optional.of(StanzaError.FORBIDDEN);
      case NO_PRESENCE -> Optional.of(PRESENCE_REQUIRED);
      case NOT_IN_GROUP -> Optional.of(NOT_IN_GROUP);
      case NOT_LISTED -> Optional.of(CLOSED_NODE);
    };
  }
}
