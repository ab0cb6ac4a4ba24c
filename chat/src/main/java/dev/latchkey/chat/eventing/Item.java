// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.eventing;

import dev.latchkey.credential.Jid;
import dev.latchkey.wire.element.Element;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;

/// What was published at a node under one id.
///
/// @param id unique at the node
/// @param payload its content; a node that delivers none may have none
/// @param publisher the resource that published it
/// @param at when
public record Item(String id, Optional<Element> payload, Jid publisher, Instant at) {
  /// How many UTF-8 octets it has as a store keeps it, which is more than its payload: ids alone
  /// can fill a disk, too.
  public int octets() {
    return octets(id) + octets(publisher.toString()) + payloadOctets();
  }

  /// How many of them are its payload's.
  int payloadOctets() {
    return payload.map(element -> octets(element.toXml())).orElse(0);
  }

  private static int octets(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  /// As it stands in answers and in events.
  Element element(String namespace, boolean withPayload) {
    return Element.named("item", namespace)
        .attribute("id", id)
        .child(withPayload ? payload : Optional.empty())
        .build();
  }
}
