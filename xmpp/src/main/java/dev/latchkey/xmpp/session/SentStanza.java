// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.session;

import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.framing.WrittenElement;
import java.util.Optional;

/// A stanza that was sent and is not acknowledged.
///
/// While its client is connected it stands there as the element that is in memory anyway; while the
/// client is away, which may be long and of many clients, as its text, which is a fraction of that.
sealed interface SentStanza {
  /// As an element.
  record Whole(Element element, Optional<Receipt> receipt, boolean askedFor, StanzaSize size)
      implements SentStanza {
    Whole(Element element, Optional<Receipt> receipt, boolean askedFor) {
      this(element, receipt, askedFor, StanzaSize.of(element));
    }

    @Override
    public String xml() {
      return element.toXml();
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
    public StanzaSize size() {
      return StanzaSize.of(xml);
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

  /// How large it is.
  StanzaSize size();

  /// What was said of it.
  Optional<Receipt> receipt();

  /// Whether its client itself brought it about.
  boolean askedFor();

  /// It will not be acknowledged any more.
  Undelivered undelivered(WrittenElement reader);

  /// The same, small.
  SentStanza folded();
}
