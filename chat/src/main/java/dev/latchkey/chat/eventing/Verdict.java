// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.eventing;

import dev.latchkey.chat.stanza.StanzaError;
import dev.latchkey.wire.element.Element;
import java.util.List;
import java.util.Optional;

/// How a verb ends, before anybody is answered.
sealed interface Verdict {
  /// It is done.
  ///
  /// @param result what is in the answer
  /// @param notifications who else is told of what
  record Done(Optional<Element> result, List<Notification> notifications) implements Verdict {}

  /// It is not.
  record Refused(StanzaError error) implements Verdict {}

  /// Done, and nothing to say.
  static Verdict done() {
    return new Done(Optional.empty(), List.of());
  }

  /// Done, with an answer.
  static Verdict done(Element result) {
    return new Done(Optional.of(result), List.of());
  }

  /// Done, and somebody else is told, if there is something to tell.
  static Verdict done(Optional<Notification> told) {
    return new Done(Optional.empty(), told.stream().toList());
  }

  /// Not done.
  static Verdict refused(StanzaError error) {
    return new Refused(error);
  }
}
