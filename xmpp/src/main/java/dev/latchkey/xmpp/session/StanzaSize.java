// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.session;

import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import dev.latchkey.wire.element.Node;
import dev.latchkey.wire.element.Text;
import java.util.Map;

/// About how large a stanza is that is kept for its client. An estimate: writing it only to measure
/// it would double what a message costs.
///
/// The two differ by more than ten times: what is short to write, as `<a/>`, is an object with a
/// place in a list all the same. How much one client may be owed goes by what is written, for that
/// is what it must read; what all of it may take of the machine goes by memory.
///
/// @param characters what is written to its client
/// @param octets what it takes of the memory, in the least favourable encoding
record StanzaSize(int characters, int octets) {
  /// An object with its header, and where it is referred to.
  private static final int OBJECT = 40;

  /// What is known of a stanza beside it: its place in the queue, and its receipt.
  private static final int ENTRY = 3 * OBJECT;

  /// As an element.
  static StanzaSize of(Element stanza) {
    Sum sum = new Sum();
    sum.add(stanza, Namespaces.CLIENT);
    return new StanzaSize(sum.characters, ENTRY + sum.octets);
  }

  /// As its text.
  static StanzaSize of(String xml) {
    return new StanzaSize(xml.length(), ENTRY + octets(xml));
  }

  private static int octets(String text) {
    return OBJECT + 2 * text.length();
  }

  private static final class Sum {
    private int characters;
    private int octets;

    /// @param around the namespace that needs not be written
    void add(Element element, String around) {
      String namespace = element.namespace();
      characters += 2 * element.name().length() + 5;
      if (!namespace.equals(around)) {
        characters += namespace.length() + 9;
      }
      octets += OBJECT;
      for (Map.Entry<String, String> attribute : element.attributes().entrySet()) {
        characters += attribute.getKey().length() + attribute.getValue().length() + 4;
        octets += octets(attribute.getKey()) + octets(attribute.getValue());
      }
      if (!element.nodes().isEmpty()) {
        octets += OBJECT;
        for (Node node : element.nodes()) {
          switch (node) {
            case Element child -> add(child, namespace);
            case Text(String run) -> {
              characters += run.length();
              octets += OBJECT + octets(run);
            }
          }
        }
      }
    }
  }
}
