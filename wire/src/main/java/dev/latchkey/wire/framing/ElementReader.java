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
  /// After so many octets a new parser takes over: the parser remembers every name it has seen, in
  /// about ten times the octets that taught it, and a new one costs about what a message does.
  private static final int RENEWAL = 16_384;

  /// So many times an element's limit the namespaces of all its elements and attributes may come
  /// to. Somebody declares one once and says it of thousands by a prefix; but each attribute keeps
  /// it, and each of them is written with it.
  private static final long SPELT_OUT = 4;

  private @Nullable AsyncXMLStreamReader<AsyncByteArrayFeeder> parser;
  private byte[] header = {};
  private int octets;
  private long room;

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

  /// @param limit what the element may be long (XEP-0478's max-bytes)
  Element element(byte[] piece, int limit) throws Refusal {
    AsyncXMLStreamReader<AsyncByteArrayFeeder> current = current();
    Element element = element(current, piece, limit * SPELT_OUT);
    octets += piece.length;
    if (octets > RENEWAL) {
      parser = null; // at once: the next element may be long in coming
    }
    return element;
  }

  private Element element(
      AsyncXMLStreamReader<AsyncByteArrayFeeder> current, byte[] piece, long namespaces)
      throws Refusal {
    room = namespaces;
    try {
      current.getInputFeeder().feedInput(piece, 0, piece.length);
      Deque<Element.Builder> open = new ArrayDeque<>();
      StringBuilder text = new StringBuilder();
      while (true) {
        switch (current.next()) {
          case XMLStreamConstants.START_ELEMENT -> {
            flush(text, open);
            open.push(start(current, open.peek()));
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
    AsyncXMLStreamReader<AsyncByteArrayFeeder> current = current();
    try {
      current.getInputFeeder().feedInput(piece, 0, piece.length);
      if (current.next() != XMLStreamConstants.END_ELEMENT) {
        throw Refusal.notWellFormed("an end tag that is none");
      }
    } catch (XMLStreamException | RuntimeException notXml) {
      throw Refusal.notWellFormed("not namespace-well-formed XML");
    }
  }

  private AsyncXMLStreamReader<AsyncByteArrayFeeder> current() throws Refusal {
    AsyncXMLStreamReader<AsyncByteArrayFeeder> current = parser;
    return current == null ? renew() : current;
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

  private Element.Builder start(
      AsyncXMLStreamReader<AsyncByteArrayFeeder> current, Element.@Nullable Builder around)
      throws Refusal {
    checkNamespaces(current);
    String declared = current.getNamespaceURI();
    String namespace = declared == null ? "" : declared;
    if (namespace.equals(XMLConstants.XML_NS_URI)) {
      // There is no such element, and it could not be written without its prefix.
      throw Refusal.badFormat("an element in the namespace of XML itself");
    }
    if (!namespace.equals(around == null ? Namespaces.CLIENT : around.namespace())) {
      spellOut(namespace);
    }
    Element.Builder element = Element.named(current.getLocalName(), namespace);
    for (int i = 0; i < current.getAttributeCount(); i++) {
      element.attribute(attributeName(current, i), current.getAttributeValue(i));
    }
    return element;
  }

  private String attributeName(AsyncXMLStreamReader<AsyncByteArrayFeeder> current, int place)
      throws Refusal {
    String namespace = current.getAttributeNamespace(place);
    String name = current.getAttributeLocalName(place);
    if (namespace == null || namespace.isEmpty()) {
      return name;
    }
    if (namespace.equals(XMLConstants.XML_NS_URI)) {
      return XMLConstants.XML_NS_PREFIX + ":" + name;
    }
    spellOut(namespace);
    return "{" + namespace + "}" + name;
  }

  private void spellOut(String namespace) throws Refusal {
    room -= namespace.length();
    if (room < 0) {
      throw Refusal.policyViolation("namespaces that are said of too much");
    }
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
