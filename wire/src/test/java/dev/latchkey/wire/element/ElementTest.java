// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.wire.element;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.testkit.SeededRandom;
import dev.latchkey.wire.framing.StreamEvent;
import dev.latchkey.wire.framing.StreamFraming;
import dev.latchkey.wire.framing.StreamLimits;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ElementTest {
  @Test
  void writesNamespacesOnlyWhereTheyChange() {
    Element iq =
        Element.named("iq", Namespaces.CLIENT)
            .attribute("type", "get")
            .attribute("xml:lang", "de")
            .child(
                Element.named("query", "urn:x")
                    .child("item", "urn:x")
                    .child("y", "jabber:client")
                    .build())
            .build();
    assertThat(iq.toXml())
        .isEqualTo(
            "<iq type='get' xml:lang='de'><query xmlns='urn:x'><item/>"
                + "<y xmlns='jabber:client'/></query></iq>");
  }

  @Test
  void writesThePrefixThatStreamsDeclare() {
    Element features =
        Element.named("features", Namespaces.STREAMS)
            .child("starttls", Namespaces.TLS)
            .child("iq", Namespaces.CLIENT)
            .build();
    assertThat(features.toXml())
        .isEqualTo(
            "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/><iq/>"
                + "</stream:features>");
  }

  @Test
  void declaresANamespaceOfAttributesOnceInATag() {
    Element element =
        Element.named("x", Namespaces.CLIENT)
            .attribute("{urn:p}b", "1")
            .attribute("{urn:q}b", "2")
            .attribute("{urn:p}c", "3")
            .build();
    assertThat(element.toXml())
        .isEqualTo("<x xmlns:a0='urn:p' a0:b='1' xmlns:a1='urn:q' a1:b='2' a0:c='3'/>");
  }

  @Test
  void escapesOnlyWhatMayNotStandForItself() {
    assertThat(Element.text("x", Namespaces.CLIENT, "'\"<&]]>\t\n\r").toXml())
        .isEqualTo("<x>'\"&lt;&amp;]]&gt;\t\n&#xD;</x>");
    assertThat(Element.empty("x", Namespaces.CLIENT).with("b", "'\"<&>\t\n\r").toXml())
        .isEqualTo("<x b='&apos;\"&lt;&amp;>&#x9;&#xA;&#xD;'/>");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\u0000",
        "\u0001",
        "\u001F",
        "\uD800",
        "\uDC00",
        "\uDC00\uD800",
        "\uFFFE",
        "\uFFFF"
      })
  void refusesToWriteCharactersThatXmlDoesNotHave(String text) {
    assertThatThrownBy(() -> Element.text("a", "urn:x", text).toXml())
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Element.named("a", "urn:x").attribute("b", text).build().toXml())
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void isReadBackAsItWas() {
    SeededRandom random = SeededRandom.announced();
    for (int i = 0; i < 2_000; i++) {
      Element element = random(random, 0);
      StreamFraming framing = new StreamFraming(StreamLimits.AUTHENTICATED);
      String stream =
          "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"
              + element.toXml();
      assertThat(framing.feed(stream.getBytes(StandardCharsets.UTF_8)))
          .as(stream)
          .last()
          .isEqualTo(new StreamEvent.Received(element));
    }
  }

  private static Element random(SeededRandom random, int depth) {
    String[] namespaces = {Namespaces.CLIENT, Namespaces.STREAMS, "urn:x", "urn:y'&<>\"", ""};
    String[] names = {"a", "xml:lang", "xml:space", "{urn:z}b", "{urn:w}b", "{urn:z}c"};
    String[] texts = {
      "a", "<", ">", "&", "'", "\"", "]]>", "\n", "\r", "\t", " ", "ü", "😀", "\r\n"
    };
    Element.Builder element =
        Element.named("e" + random.nextInt(3), namespaces[random.nextInt(namespaces.length)]);
    for (int i = random.nextInt(5); i > 0; i--) {
      element.attribute(
          names[random.nextInt(names.length)],
          texts[random.nextInt(texts.length)] + texts[random.nextInt(texts.length)]);
    }
    boolean text = false;
    for (int i = random.nextInt(4); i > 0; i--) {
      if (!text && random.nextBoolean()) {
        text = true;
        element.text(texts[random.nextInt(texts.length)] + texts[random.nextInt(texts.length)]);
      } else if (depth < 5) {
        text = false; // two runs of text side by side would be read as one
        element.child(random(random, depth + 1));
      }
    }
    return element.build();
  }

  @Test
  void isAValue() {
    Element element = Element.text("a", "urn:x", "t");
    Element more = element.with("b", "1");
    assertThat(element.attribute("b")).isEmpty();
    assertThat(more.attribute("b")).contains("1");
    assertThat(more.without("b")).isEqualTo(element).hasSameHashCodeAs(element);
    assertThatThrownBy(() -> more.attributes().put("c", "2"))
        .isInstanceOf(UnsupportedOperationException.class);
    Element.Builder builder = element.toBuilder();
    Element built = builder.build();
    builder.child("late", "urn:x");
    assertThat(built).isEqualTo(element);
  }

  @Test
  void findsWhatIsInIt() {
    Element element =
        Element.named("a", "urn:x")
            .text("1")
            .child("b", "urn:y")
            .child(Element.text("b", "urn:x", "in"))
            .text("2")
            .attribute("absent", Optional.empty())
            .child(Optional.empty())
            .build();
    assertThat(element.text()).isEqualTo("12");
    assertThat(element.children()).hasSize(2);
    assertThat(element.child("b", "urn:x").map(Element::text)).contains("in");
    assertThat(element.child("c", "urn:x")).isEmpty();
    assertThat(element.attributes()).isEmpty();
  }

  @Test
  void showsNothingOfItsContent() {
    assertThat(Element.text("a", "urn:x", "hidden").with("b", "hidden").toString())
        .isEqualTo("<a xmlns='urn:x'/>");
    assertThat(new Text("hidden").toString()).doesNotContain("hidden");
  }
}
