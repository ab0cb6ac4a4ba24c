// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.eventing;

import dev.latchkey.wire.element.Element;
import java.util.List;

/// What comes of a request.
///
/// @param reply to the one who asked; nothing in it was taken from a request that is refused
/// @param notifications who else is told of what, in this order
public record EventingAnswer(Element reply, List<Notification> notifications) {
  /// Copies.
  public EventingAnswer {
    notifications = List.copyOf(notifications);
  }
}
