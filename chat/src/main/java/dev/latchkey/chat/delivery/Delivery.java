// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.delivery;

import dev.latchkey.chat.stanza.MessageType;
import dev.latchkey.credential.Resource;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Where a message for an account goes (RFC 6121 §8.5.2 and §8.5.3). Pure.
///
/// An account that nobody is signed in to and one that does not exist are the same here: a sender
/// learns nothing from the answer (rule 5).
public sealed interface Delivery {
  /// To these.
  record To(List<Resource> resources) implements Delivery {
    /// Copies.
    public To {
      resources = List.copyOf(resources);
    }
  }

  /// To nobody now; it is kept, if it is worth keeping and somebody is there to keep it for.
  record Later() implements Delivery {}

  /// To nobody, and the sender is told.
  record Refused() implements Delivery {}

  /// To nobody, and nobody is told.
  record Dropped() implements Delivery {}

  /// Decides.
  ///
  /// @param type the message's
  /// @param to the resource it is to; nothing if it is to the bare JID
  /// @param connected all bound resources
  /// @param available the priority of those that sent available presence
  static Delivery of(
      MessageType type,
      Optional<Resource> to,
      List<Resource> connected,
      Map<Resource, Integer> available) {
    if (to.isPresent()) {
      if (connected.contains(to.get())) {
        return new To(List.of(to.get())); // §8.5.3.1: whatever its type and priority
      }
      if (type == MessageType.ERROR) {
        return new Dropped();
      }
      if (type != MessageType.CHAT) {
        return new Refused(); // §8.5.3.2.1
      }
    }
    return ofBare(type, available);
  }

  private static Delivery ofBare(MessageType type, Map<Resource, Integer> available) {
    List<Resource> willing =
        available.entrySet().stream()
            .filter(entry -> entry.getValue() >= 0) // negative: never what is to the bare JID
            .map(Map.Entry::getKey)
            .toList();
    return switch (type) {
      case GROUPCHAT -> new Refused();
      case ERROR -> new Dropped();
      case HEADLINE -> willing.isEmpty() ? new Dropped() : new To(willing);
      case CHAT, NORMAL -> willing.isEmpty() ? new Later() : new To(mostAvailable(available));
    };
  }

  /// §8.5.2.1.1: those with the highest priority, all of them.
  private static List<Resource> mostAvailable(Map<Resource, Integer> available) {
    int highest = available.values().stream().mapToInt(Integer::intValue).max().orElseThrow();
    return available.entrySet().stream()
        .filter(entry -> entry.getValue() == highest)
        .map(Map.Entry::getKey)
        .toList();
  }
}
