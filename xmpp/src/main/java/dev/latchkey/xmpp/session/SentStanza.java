// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.session;

import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Node;
import dev.latchkey.wire.element.Text;
import dev.latchkey.wire.framing.WrittenElement;
import java.util.Map;
import java.util.Optional;

/// A stanza that was sent and is not acknowledged.
///
/// While its client is connected it stands there as the element that is in memory anyway; while the
/// client is away, which may be long and of many clients, as its text, which is a fraction of that.
sealed interface SentStanza {
  /// As an element.
  record Whole(Element element, Optional<Receipt> receipt, boolean askedFor) implements SentStanza {
    @Override
    public String xml() {
      return element.toXml();
    }

    /// An estimate: it was written to the connection, and writing it again only to measure it would
    /// double what a message costs.
    @Override
    public int length() {
      return length(element);
    }

    private static int length(Element element) {
      int length = 2 * element.name().length() + element.namespace().length();
      for (Map.Entry<String, String> attribute : element.attributes().entrySet()) {
        length += attribute.getKey().length() + attribute.getValue().length() + 4;
      }
      for (Node node : element.nodes()) {
        length +=
            switch (node) {
              case Element child -> length(child);
              case Text(String run) -> run.length();
            };
      }
      return length;
    }

    @Override
    public Undelivered undelivered(WrittenElement reader) {
      return new Undelivered(element, receipt);
    }

    @Override
    public SentStanza folded() {
      return new Folded(xml(), receipt, askedFor);
    }
  }

  /// As its text.
  record Folded(String xml, Optional<Receipt> receipt, boolean askedFor) implements SentStanza {
    @Override
    public int length() {
      return xml.length();
    }

    @Override
    public Undelivered undelivered(WrittenElement reader) {
      return new Undelivered(reader.read(xml), receipt);
    }

    @Override
    public SentStanza folded() {
      return this;
    }
  }

  /// Its text.
  String xml();

  /// About how many characters its text has.
  int length();

  /// What was said of it.
  Optional<Receipt> receipt();

  /// Whether its client itself brought it about.
  boolean askedFor();

  /// It will not be acknowledged any more.
  Undelivered undelivered(WrittenElement reader);

  /// The same, small.
  SentStanza folded();
}
