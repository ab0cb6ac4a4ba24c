// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.eventing;

import dev.latchkey.wire.element.Element;
import java.util.Optional;

/// What a client's presence says of its capabilities (XEP-0115 §4): where to ask, and a hash of the
/// answer.
///
/// @param node the software, a URI
/// @param algorithm how the hash was made; nothing in the form that is older than XEP-0115 1.4
/// @param ver the hash, Base64
public record CapabilityHash(String node, Optional<String> algorithm, String ver) {
  /// Nothing longer is remembered; a SHA-512 has 88.
  private static final int LONGEST = 512;

  /// Reads the one in a presence stanza.
  ///
  /// @return nothing if there is none in order
  public static Optional<CapabilityHash> of(Element presence) {
    return presence
        .child("c", PubSub.CAPS)
        .flatMap(
            c ->
                text(c, "node")
                    .flatMap(
                        node ->
                            text(c, "ver")
                                .map(ver -> new CapabilityHash(node, text(c, "hash"), ver))));
  }

  private static Optional<String> text(Element c, String name) {
    return c.attribute(name).filter(text -> !text.isEmpty() && text.length() <= LONGEST);
  }

  /// The node of the disco#info request that finds out what is behind it (XEP-0115 §6.2).
  public String discoNode() {
    return node + "#" + ver;
  }

  /// The element, as it stands in presence and among stream features (XEP-0115 §6.3).
  public Element element() {
    return Element.named("c", PubSub.CAPS)
        .attribute("hash", algorithm)
        .attribute("node", node)
        .attribute("ver", ver)
        .build();
  }
}
