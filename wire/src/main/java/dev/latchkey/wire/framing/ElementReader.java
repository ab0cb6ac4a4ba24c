// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.wire.framing;

import com.fasterxml.aalto.AsyncByteArrayFeeder;
import com.fasterxml.aalto.AsyncXMLStreamReader;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import javax.xml.XMLConstants;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import org.jspecify.annotations.Nullable;

/// Whole pieces of a stream to values: its header, a first-level element, its end tag. Everything
/// given to it has passed [Utf8Decoder] and [MarkupScanner].
final class ElementReader {
  /// After so many octets a new parser takes over: the parser remembers every name it has seen.
  private static final int RENEWAL = 1 << 20;

  private @Nullable AsyncXMLStreamReader<AsyncByteArrayFeeder> parser;
  private byte[] header = {};
  private int octets;

  StreamHeader header(byte[] piece) throws Refusal {
    header = piece;
    AsyncXMLStreamReader<AsyncByteArrayFeeder> fresh = renew();
    if (!fresh.getLocalName().equals("stream")) {
      throw Refusal.badFormat("a stream whose first element is not stream");
    }
    if (!Namespaces.STREAMS.equals(fresh.getNamespaceURI())) {
      throw Refusal.invalidNamespace("a stream in a namespace that is not XMPP's");
    }
    if (!"stream".equals(fresh.getPrefix())) {
      // RFC 6120 §4.8.5 lets us want this prefix, and §4.9.3.2 names the error.
      throw Refusal.badNamespacePrefix("a stream whose prefix is not stream");
    }
    String content = fresh.getNamespaceURI("");
    if (content == null || content.isEmpty()) {
      throw Refusal.invalidNamespace("a stream without a content namespace");
    }
    return new StreamHeader(
        attribute(fresh, "to"),
        attribute(fresh, "from"),
        attribute(fresh, "id"),
        attribute(fresh, "version"),
        Optional.ofNullable(fresh.getAttributeValue(XMLConstants.XML_NS_URI, "lang")),
        content);
  }

  Element element(byte[] piece) throws Refusal {
    AsyncXMLStreamReader<AsyncByteArrayFeeder> current = parser;
    if (current == null || octets > RENEWAL) {
      current = renew();
    }
    octets += piece.length;
    try {
      current.getInputFeeder().feedInput(piece, 0, piece.length);
      Deque<Element.Builder> open = new ArrayDeque<>();
      StringBuilder text = new StringBuilder();
      while (true) {
        switch (current.next()) {
          case XMLStreamConstants.START_ELEMENT -> {
            flush(text, open);
            open.push(start(current));
          }
          case XMLStreamConstants.END_ELEMENT -> {
            flush(text, open);
            Element done = open.pop().build();
            Element.Builder around = open.peek();
            if (around == null) {
              exhausted(current);
              return done;
            }
            around.child(done);
          }
          case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA, XMLStreamConstants.SPACE ->
              text.append(current.getText());
          default -> throw Refusal.notWellFormed("an element that does not end where it should");
        }
      }
    } catch (XMLStreamException | RuntimeException notXml) {
      // The parser throws unchecked exceptions, too, for some of what peers can send.
      throw Refusal.notWellFormed("not namespace-well-formed XML");
    }
  }

  void end(byte[] piece) throws Refusal {
    AsyncXMLStreamReader<AsyncByteArrayFeeder> current = parser;
    try {
      if (current == null) {
        throw Refusal.notWellFormed("an end tag before the stream's header");
      }
      current.getInputFeeder().feedInput(piece, 0, piece.length);
      if (current.next() != XMLStreamConstants.END_ELEMENT) {
        throw Refusal.notWellFormed("an end tag that is none");
      }
    } catch (XMLStreamException | RuntimeException notXml) {
      throw Refusal.notWellFormed("not namespace-well-formed XML");
    }
  }

  /// A parser that has read the stream's header.
  private AsyncXMLStreamReader<AsyncByteArrayFeeder> renew() throws Refusal {
    AsyncXMLStreamReader<AsyncByteArrayFeeder> fresh = Vocabulary.parser();
    octets = header.length;
    try {
      fresh.getInputFeeder().feedInput(header, 0, header.length);
      int event = fresh.next();
      while (event == XMLStreamConstants.START_DOCUMENT) {
        event = fresh.next();
      }
      if (event != XMLStreamConstants.START_ELEMENT) {
        throw Refusal.notWellFormed("a stream's header that is none");
      }
      checkNamespaces(fresh);
    } catch (XMLStreamException | RuntimeException notXml) {
      throw Refusal.notWellFormed("not namespace-well-formed XML");
    }
    parser = fresh;
    return fresh;
  }

  private static Element.Builder start(AsyncXMLStreamReader<AsyncByteArrayFeeder> current)
      throws Refusal {
    checkNamespaces(current);
    String namespace = current.getNamespaceURI();
    Element.Builder element =
        Element.named(current.getLocalName(), namespace == null ? "" : namespace);
    for (int i = 0; i < current.getAttributeCount(); i++) {
      String around = current.getAttributeNamespace(i);
      String name = current.getAttributeLocalName(i);
      if (around != null && !around.isEmpty()) {
        name =
            around.equals(XMLConstants.XML_NS_URI) && name.equals("lang")
                ? "xml:lang"
                : "{" + around + "}" + name;
      }
      element.attribute(name, current.getAttributeValue(i));
    }
    return element;
  }

  /// Namespaces in XML 1.0 §3 and §5: what the parser lets through.
  private static void checkNamespaces(AsyncXMLStreamReader<AsyncByteArrayFeeder> current)
      throws Refusal {
    for (int i = 0; i < current.getNamespaceCount(); i++) {
      String prefix = current.getNamespacePrefix(i);
      String uri = current.getNamespaceURI(i);
      boolean named = prefix != null && !prefix.isEmpty();
      boolean empty = uri == null || uri.isEmpty();
      if ((named && empty)
          || "xmlns".equals(prefix)
          || XMLConstants.XMLNS_ATTRIBUTE_NS_URI.equals(uri)
          || "xml".equals(prefix) != XMLConstants.XML_NS_URI.equals(uri)) {
        throw Refusal.notWellFormed("a namespace declaration that is not allowed");
      }
    }
  }

  private static void exhausted(AsyncXMLStreamReader<AsyncByteArrayFeeder> current) throws Refusal {
    if (!current.getInputFeeder().needMoreInput()) {
      throw Refusal.notWellFormed("an element that does not end where it should");
    }
  }

  private static void flush(StringBuilder text, Deque<Element.Builder> open) {
    Element.Builder around = open.peek();
    if (around != null) {
      around.text(text.toString());
    }
    text.setLength(0);
  }

  private static Optional<String> attribute(
      AsyncXMLStreamReader<AsyncByteArrayFeeder> current, String name) {
    // Not getAttributeValue("", name): that matches any namespace in some parsers.
    for (int i = 0; i < current.getAttributeCount(); i++) {
      String namespace = current.getAttributeNamespace(i);
      if (current.getAttributeLocalName(i).equals(name)
          && (namespace == null || namespace.isEmpty())) {
        return Optional.of(current.getAttributeValue(i));
      }
    }
    return Optional.empty();
  }
}
