// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.wire.framing;

import dev.latchkey.wire.element.Element;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// Reads back elements that were written with [Element#toXml].
///
/// For what this program wrote itself: there are no limits here. Not thread-safe.
public final class WrittenElement {
  private static final byte[] HEADER =
      "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"
          .getBytes(StandardCharsets.UTF_8);

  private ElementReader reader = fresh();

  /// Reads one element.
  ///
  /// @throws IllegalArgumentException if it is not exactly one whole element
  public Element read(String xml) {
    try {
      return reader.element(xml.getBytes(StandardCharsets.UTF_8), Integer.MAX_VALUE);
    } catch (Refusal damaged) {
      reader = fresh(); // what the parser made of it must not meet the next one
      throw new IllegalArgumentException("not an element: " + damaged.event(), damaged);
    }
  }

  /// Reads elements that were written one after another.
  ///
  /// @throws IllegalArgumentException if they are not whole elements
  public List<Element> readAll(String xml) {
    return read("<all>" + xml + "</all>").children().toList();
  }

  private static ElementReader fresh() {
    ElementReader reader = new ElementReader();
    try {
      reader.header(HEADER);
    } catch (Refusal impossible) {
      throw new IllegalStateException("the header of a stream", impossible);
    }
    return reader;
  }
}
