// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.wire.framing;

import static dev.latchkey.wire.framing.Streams.OPEN;
import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.testkit.SeededRandom;
import dev.latchkey.wire.element.Element;
import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.junit.jupiter.api.Test;

/// What is read must be what the JDK's strict parser reads.
class StreamFramingFuzzTest {
  private static final StreamLimits WIDE = new StreamLimits(1 << 20, 64, 64);

  /// The JDK takes names that begin or end with a colon; Namespaces in XML §4 does not.
  private static final Pattern LOOSE_COLON = Pattern.compile("[</\\s]:|:[\\s=/>]");

  private static final XMLInputFactory JDK = XMLInputFactory.newDefaultFactory();

  static {
    JDK.setProperty(XMLInputFactory.IS_COALESCING, true);
    JDK.setProperty(XMLInputFactory.SUPPORT_DTD, false);
  }

  private final RandomGenerator random = SeededRandom.announced();

  @Test
  void readsGeneratedElementsAsTheJdkDoes() {
    for (int i = 0; i < 1_000; i++) {
      StringBuilder stream = new StringBuilder(OPEN);
      int count = 1 + random.nextInt(3);
      for (int n = 0; n < count; n++) {
        element(stream, 0);
        stream.append(pick("", " ", "\n"));
      }
      stream.append("</stream:stream>");
      byte[] octets = stream.toString().getBytes(StandardCharsets.UTF_8);
      Optional<List<Element>> ours = ours(Streams.read(octets, WIDE));
      assertThat(ours).as(stream.toString()).isPresent().isEqualTo(jdk(octets));
    }
  }

  @Test
  void refusesDamagedStreamsThatTheJdkRefuses() {
    int taken = 0;
    int refused = 0;
    for (int i = 0; i < 5_000; i++) {
      StringBuilder stream = new StringBuilder(OPEN);
      element(stream, 1);
      stream.append("</stream:stream>");
      damage(stream);
      byte[] octets = stream.toString().getBytes(StandardCharsets.UTF_8);
      if (random.nextInt(10) == 0) {
        octets[random.nextInt(octets.length)] = (byte) random.nextInt();
      }
      List<StreamEvent> events = Streams.read(octets, WIDE);
      Optional<List<Element>> ours = ours(events);
      Optional<List<Element>> theirs = jdk(Arrays.copyOf(octets, length(octets)));
      if (ours.isPresent()) {
        taken++;
        assertThat(ours).as(stream.toString()).isEqualTo(theirs);
      } else if (theirs.isPresent()
          && !LOOSE_COLON.matcher(stream).find()
          && events.getLast() instanceof StreamEvent.Refused(String condition, String rule)) {
        // The JDK takes what XML has and XMPP does not.
        assertThat(Set.of("not-well-formed", "unsupported-encoding"))
            .as(stream + " " + rule)
            .doesNotContain(condition);
        refused++;
      }
    }
    assertThat(taken).isGreaterThan(100);
    assertThat(refused).isLessThan(5_000);
  }

  /// What goes on to others, or is kept, must be what they and we can read.
  @Test
  void readsWhatItWritesOfWhatItTookAsTheSame() {
    WrittenElement written = new WrittenElement();
    int taken = 0;
    for (int i = 0; i < 5_000; i++) {
      StringBuilder stream = new StringBuilder(OPEN);
      element(stream, 0);
      stream.append("</stream:stream>");
      if (random.nextBoolean()) {
        damage(stream);
      }
      byte[] octets = stream.toString().getBytes(StandardCharsets.UTF_8);
      for (StreamEvent event : new StreamFraming(WIDE).feed(octets)) {
        if (event instanceof StreamEvent.Received(Element element)) {
          taken++;
          String again = OPEN + element.toXml() + "</stream:stream>";
          byte[] said = again.getBytes(StandardCharsets.UTF_8);
          assertThat(written.read(element.toXml())).as(stream.toString()).isEqualTo(element);
          assertThat(ours(new StreamFraming(WIDE).feed(said))).as(again).contains(List.of(element));
          assertThat(jdk(said)).as(again).contains(List.of(element));
        }
      }
    }
    assertThat(taken).isGreaterThan(2_000);
  }

  /// How much of it was read: what follows the stream's end is nobody's.
  private static int length(byte[] octets) {
    StreamFraming framing = new StreamFraming(WIDE);
    ByteBuffer buffer = ByteBuffer.wrap(octets);
    while (framing
        .next(buffer)
        .filter(event -> !(event instanceof StreamEvent.Closed))
        .isPresent()) {
      // on to the next
    }
    return buffer.position();
  }

  private static Optional<List<Element>> ours(List<StreamEvent> events) {
    List<Element> elements = new ArrayList<>();
    for (StreamEvent event : events) {
      if (event instanceof StreamEvent.Received(Element element)) {
        elements.add(element);
      }
    }
    return events.size() == elements.size() + 2 && events.getLast() instanceof StreamEvent.Closed
        ? Optional.of(elements)
        : Optional.empty();
  }

  private static Optional<List<Element>> jdk(byte[] octets) {
    try {
      XMLStreamReader reader = JDK.createXMLStreamReader(new ByteArrayInputStream(octets));
      List<Element> elements = new ArrayList<>();
      Deque<Element.Builder> open = new ArrayDeque<>();
      int depth = 0;
      while (reader.hasNext()) {
        switch (reader.next()) {
          case XMLStreamConstants.START_ELEMENT -> {
            if (depth++ > 0) {
              Element.Builder element =
                  Element.named(reader.getLocalName(), text(reader.getNamespaceURI()));
              for (int i = 0; i < reader.getAttributeCount(); i++) {
                String namespace = text(reader.getAttributeNamespace(i));
                String name = reader.getAttributeLocalName(i);
                element.attribute(
                    namespace.isEmpty()
                        ? name
                        : "xml".equals(reader.getAttributePrefix(i))
                            ? "xml:" + name
                            : "{" + namespace + "}" + name,
                    reader.getAttributeValue(i));
              }
              open.push(element);
            }
          }
          case XMLStreamConstants.END_ELEMENT -> {
            if (--depth > 0) {
              Element done = open.pop().build();
              if (open.isEmpty()) {
                elements.add(done);
              } else {
                open.peek().child(done);
              }
            }
          }
          case XMLStreamConstants.CHARACTERS,
              XMLStreamConstants.SPACE,
              XMLStreamConstants.CDATA -> {
            if (!open.isEmpty()) {
              open.peek().text(reader.getText());
            }
          }
          default -> {}
        }
      }
      return Optional.of(elements.stream().map(StreamFramingFuzzTest::joined).toList());
    } catch (XMLStreamException refused) {
      return Optional.empty();
    }
  }

  /// Adjacent runs of text as one.
  private static Element joined(Element element) {
    Element.Builder joined = Element.named(element.name(), element.namespace());
    element.attributes().forEach(joined::attribute);
    StringBuilder text = new StringBuilder();
    element
        .nodes()
        .forEach(
            node -> {
              switch (node) {
                case Element child -> {
                  joined.text(text.toString());
                  text.setLength(0);
                  joined.child(joined(child));
                }
                case dev.latchkey.wire.element.Text(String run) -> text.append(run);
              }
            });
    return joined.text(text.toString()).build();
  }

  private static String text(@org.jspecify.annotations.Nullable String value) {
    return value == null ? "" : value;
  }

  private String pick(String... choices) {
    return choices[random.nextInt(choices.length)];
  }

  private void element(StringBuilder xml, int depth) {
    String prefix = pick("", "", "p:");
    String name = prefix + pick("a", "message", "x-1", "_b", "ü", "日本", "a.b");
    xml.append('<').append(name);
    if (!prefix.isEmpty() || random.nextInt(4) == 0) {
      xml.append(pick(" ", "\n"))
          .append("xmlns:p='")
          .append(pick("urn:p", "urn:q&amp;"))
          .append('\'');
      if (random.nextBoolean()) {
        xml.append(" p:b='").append(value()).append("'");
      }
    }
    if (random.nextInt(4) == 0) {
      xml.append(" xmlns=\"").append(pick("urn:x", "", "jabber:client")).append('"');
    }
    if (random.nextBoolean()) {
      xml.append(" b = \"").append(value()).append("\"");
    }
    if (random.nextInt(4) == 0) {
      xml.append(" xml:lang='de'");
    }
    if (random.nextInt(4) == 0) {
      xml.append(" xml:")
          .append(pick("space", "id", "x-1"))
          .append("='")
          .append(value())
          .append('\'');
    }
    if (random.nextInt(4) == 0) {
      xml.append(pick("/>", " />"));
      return;
    }
    xml.append('>');
    int parts = random.nextInt(4);
    for (int i = 0; i < parts; i++) {
      if (depth < 5 && random.nextBoolean()) {
        element(xml, depth + 1);
      } else {
        xml.append(
            random.nextInt(5) == 0 ? "<![CDATA[" + pick("", "<x>", "]]", "&a;") + "]]>" : value());
      }
    }
    xml.append("</").append(name).append(pick(">", " >"));
  }

  private String value() {
    StringBuilder value = new StringBuilder();
    int parts = random.nextInt(5);
    for (int i = 0; i < parts; i++) {
      value.append(
          pick(
              "x",
              " ",
              "\t",
              "\n",
              "\r\n",
              "\r",
              "&lt;",
              "&gt;",
              "&amp;",
              "&apos;",
              "&quot;",
              "] ",
              "&#10;",
              "&#x1F600;",
              "😀",
              "ü",
              ">",
              "&#13;",
              "long text with words in it"));
    }
    return value.toString();
  }

  private void damage(StringBuilder xml) {
    int times = 1 + random.nextInt(2);
    for (int i = 0; i < times; i++) {
      int at = random.nextInt(xml.length());
      switch (random.nextInt(4)) {
        case 0 -> xml.deleteCharAt(at);
        case 1 -> {
          int from = random.nextInt(xml.length());
          xml.insert(at, xml.substring(from, Math.min(xml.length(), from + random.nextInt(20))));
        }
        case 2 ->
            xml.setCharAt(
                at, pick("<", ">", "/", "'", "\"", "&", ";", ":", " ", "] ", "=").charAt(0));
        default ->
            xml.insert(
                at,
                pick(
                    "<",
                    ">",
                    "</",
                    "/>",
                    "<!",
                    "<?",
                    "?>",
                    "]]>",
                    "<![CDATA[",
                    "&",
                    "&#0;",
                    "&lt;",
                    "xmlns='urn:y' ",
                    "xmlns:p='' ",
                    "xmlns:xml='x' ",
                    "p:",
                    "xml:",
                    ":",
                    "-",
                    "1",
                    "\u0000",
                    "\uFFFE",
                    "\u0085",
                    "\u2028",
                    "xml",
                    "·",
                    "\u00D7",
                    "<!---->",
                    "<?x?>"));
      }
    }
  }
}
