// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.session;

import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import dev.latchkey.xmpp.stream.StreamCondition;
import java.util.Optional;

/// Why a session ended.
public enum EndReason {
  /// The client closed its stream.
  CLOSED(Optional.empty(), Optional.empty()),
  /// The connection was lost.
  DISCONNECTED(Optional.empty(), Optional.empty()),
  /// Another connection is in its place: under its resource, for its session, or with its token.
  REPLACED(Optional.of(StreamCondition.CONFLICT), Optional.empty()),
  /// Its device was revoked (rule 39).
  REVOKED(
      Optional.of(StreamCondition.NOT_AUTHORIZED),
      Optional.of(Element.empty("credential-revoked", Namespaces.LATCHKEY_EVENTS))),
  /// Its account was disabled: what it holds is not dead, but nobody signs in now.
  DISABLED(Optional.of(StreamCondition.NOT_AUTHORIZED), Optional.empty()),
  KICKED(Optional.of(StreamCondition.POLICY_VIOLATION), Optional.empty()),
  UNRESPONSIVE(Optional.of(StreamCondition.CONNECTION_TIMEOUT), Optional.empty()),
  OVERLOADED(Optional.of(StreamCondition.RESOURCE_CONSTRAINT), Optional.empty()),
  FAULT(Optional.of(StreamCondition.INTERNAL_SERVER_ERROR), Optional.empty()),
  SHUTDOWN(Optional.of(StreamCondition.SYSTEM_SHUTDOWN), Optional.empty());

  private final Optional<StreamCondition> condition;
  private final Optional<Element> application;

  EndReason(Optional<StreamCondition> condition, Optional<Element> application) {
    this.condition = condition;
    this.application = application;
  }

  /// The stream error that tells the client, if it is an error.
  Optional<Element> error() {
    return condition.map(known -> known.error(application));
  }
}
