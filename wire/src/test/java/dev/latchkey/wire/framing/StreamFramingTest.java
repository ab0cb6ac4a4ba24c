// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.wire.framing;

import static dev.latchkey.wire.framing.Streams.OPEN;
import static dev.latchkey.wire.framing.Streams.condition;
import static dev.latchkey.wire.framing.Streams.read;
import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.credential.Bytes;
import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Element;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StreamFramingTest {
  private static final StreamLimits SMALL = new StreamLimits(1000, 4, 4);

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static Element only(String element) {
    List<StreamEvent> events = read(OPEN + element);
    assertThat(events).hasSize(2);
    return ((StreamEvent.Received) events.getLast()).element();
  }

  // What is taken.

  @Test
  void readsHeaderElementsAndEnd() {
    assertThat(
            read(
                "<?xml version=\"1.0\" encoding='utf-8' standalone='yes' ?>\n<stream:stream"
                    + " from='a@b' id='1' to='b' version='1.0' xml:lang='de'"
                    + " xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' >"
                    + " \r\n\t<a xmlns='urn:x'/> <presence/></stream:stream >"))
        .containsExactly(
            new StreamEvent.Opened(
                new StreamHeader(
                    Optional.of("b"),
                    Optional.of("a@b"),
                    Optional.of("1"),
                    Optional.of("1.0"),
                    Optional.of("de"),
                    "jabber:client")),
            new StreamEvent.Received(Element.empty("a", "urn:x")),
            new StreamEvent.Received(Element.empty("presence", "jabber:client")),
            new StreamEvent.Closed());
  }

  @Test
  void readsAStreamThatIsClosedWhenOpened() {
    assertThat(read(OPEN.replace("'>", "'/>")))
        .hasSize(2)
        .last()
        .isEqualTo(new StreamEvent.Closed());
  }

  @Test
  void resolvesReferencesAndCdataIntoOneRunOfText() {
    Element element = only("<a b='&lt;&#x41;&#10;&quot;'>x&amp;<![CDATA[<&]]]]>&gt;&#128512;ü</a>");
    assertThat(element.text()).isEqualTo("x&<&]]>😀ü");
    assertThat(element.nodes()).hasSize(1);
    assertThat(element.attribute("b")).contains("<A\n\"");
  }

  @Test
  void normalisesLineEndsAndAttributeSpace() {
    Element element = only("<a b='1\r\n2\t3\n4'>1\r\n2\r3</a>");
    assertThat(element.text()).isEqualTo("1\n2\n3");
    assertThat(element.attribute("b")).contains("1 2 3 4");
  }

  @Test
  void keepsAttributesOfNamespacesApart() {
    Element element = only("<p:a xmlns:p='urn:p' p:b='1' b='2' xml:lang='de'/>");
    assertThat(element.is("a", "urn:p")).isTrue();
    assertThat(element.attributes())
        .containsOnly(
            java.util.Map.entry("{urn:p}b", "1"),
            java.util.Map.entry("b", "2"),
            java.util.Map.entry("xml:lang", "de"));
  }

  @Spec(
      doc = "Namespaces in XML 1.0",
      section = "3",
      rule = "no prefix but xml stands for XML's own namespace")
  @Test
  void keepsThePrefixOfXmlsOwnAttributes() {
    Element element = only("<a xml:lang='de' xml:space='preserve' xml:id='1'/>");
    assertThat(element.attributes())
        .containsOnly(
            java.util.Map.entry("xml:lang", "de"),
            java.util.Map.entry("xml:space", "preserve"),
            java.util.Map.entry("xml:id", "1"));
    assertThat(element.toXml()).isEqualTo("<a xml:lang='de' xml:space='preserve' xml:id='1'/>");
  }

  @ParameterizedTest
  @ValueSource(strings = {"<xml:x/>", "<a><xml:x/></a>", "<xml:lang>de</xml:lang>"})
  void refusesElementsInXmlsOwnNamespace(String element) {
    assertThat(condition(read(OPEN + element))).isEqualTo("bad-format");
  }

  @Test
  void takesKeepAlivesFromBeforeARestart() {
    assertThat(read(" \n" + OPEN)).hasSize(1).first().isInstanceOf(StreamEvent.Opened.class);
  }

  @Test
  void ignoresWhatFollowsTheEnd() {
    assertThat(read(OPEN + "</stream:stream><!-- \u0001")).hasSize(2);
  }

  @Test
  void givesAnElementWithItsLastOctet() {
    StreamFraming framing = new StreamFraming(SMALL);
    assertThat(framing.feed(utf8(OPEN + "<a><b/></a"))).hasSize(1);
    assertThat(framing.feed(utf8(">"))).hasSize(1);
  }

  @Test
  void readsANewStreamFromTheOctetBehindTheEventThatWasTaken() {
    StreamFraming framing = new StreamFraming(SMALL);
    ByteBuffer octets = ByteBuffer.wrap(utf8(OPEN + "<a/>" + OPEN + "<b/>"));
    assertThat(framing.next(octets)).get().isInstanceOf(StreamEvent.Opened.class);
    assertThat(framing.next(octets)).get().isInstanceOf(StreamEvent.Received.class);
    framing.restart(SMALL);
    assertThat(framing.next(octets)).get().isInstanceOf(StreamEvent.Opened.class);
    assertThat(framing.next(octets))
        .contains(new StreamEvent.Received(Element.empty("b", "jabber:client")));
    assertThat(framing.next(octets)).isEmpty();
  }

  @Test
  void readsOnWithFreshParsersForEver() {
    StreamFraming framing = new StreamFraming(StreamLimits.AUTHENTICATED);
    framing.feed(utf8(OPEN));
    for (int i = 0; i < 40_000; i++) {
      String name = "name" + i;
      assertThat(
              framing.feed(utf8("<x:" + name + " xmlns:x='urn:" + i + "'>text</x:" + name + ">")))
          .containsExactly(new StreamEvent.Received(Element.text(name, "urn:" + i, "text")));
    }
    assertThat(framing.feed(utf8("</stream:stream>"))).containsExactly(new StreamEvent.Closed());
  }

  @Test
  void readsOnAfterAnElementThatTaughtTheParserTooMuch() {
    StreamFraming framing = new StreamFraming(StreamLimits.AUTHENTICATED);
    framing.feed(utf8(OPEN.replace(" to=", " xmlns:p='urn:p' to=")));
    StringBuilder many = new StringBuilder("<a>");
    for (int i = 0; i < 20_000; i++) {
      many.append("<n").append(i).append("/>");
    }
    assertThat(framing.feed(utf8(many.append("</a>").toString()))).hasSize(1);
    assertThat(framing.feed(utf8("<p:b/>")))
        .containsExactly(new StreamEvent.Received(Element.empty("b", "urn:p")));
    framing.feed(utf8(many.toString()));
    assertThat(framing.feed(utf8("</stream:stream>"))).containsExactly(new StreamEvent.Closed());
  }

  // Restricted XML.

  @Spec(doc = "RFC 6120", section = "11.1", rule = "no comment, PI, DTD or entity of one's own")
  @ParameterizedTest
  @ValueSource(
      strings = {
        "<!-- x -->",
        "<a><!-- x --></a>",
        "<?pi?>",
        "<a><?pi x?></a>",
        "<?xml version='1.0'?>",
        "<!DOCTYPE x>",
        "<a>&x;</a>",
        "<a b='&x;'/>",
        "<a>&longentityname;</a>",
        "<a>&lolololol;</a>"
      })
  void refusesRestrictedXml(String element) {
    assertThat(condition(read(OPEN + element))).isEqualTo("restricted-xml");
  }

  @Spec(doc = "RFC 6120", section = "11.1", rule = "no document type before the stream either")
  @ParameterizedTest
  @ValueSource(
      strings = {
        "<!DOCTYPE stream [<!ENTITY a 'b'>]>",
        "<?xml version='1.0'?><!DOCTYPE stream>",
        "<?xml-stylesheet href='x'?>",
        "<?xml version='1.0'?><?xml version='1.0'?>",
        "<!-- x -->"
      })
  void refusesRestrictedXmlBeforeTheHeader(String start) {
    assertThat(condition(read(start + OPEN.substring(21)))).isEqualTo("restricted-xml");
  }

  @Test
  void refusesAnEntityBombAtItsFirstMark() {
    StreamFraming framing = new StreamFraming(StreamLimits.AUTHENTICATED);
    assertThat(framing.feed(utf8("<?xml version='1.0'?><!D"))).hasSize(1);
    String bomb = "<!DOCTYPE b [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;'>]><b>&b;</b>";
    assertThat(condition(read(bomb))).isEqualTo("restricted-xml");
  }

  // Encoding.

  @Spec(doc = "RFC 6120", section = "4.9.3.22", rule = "octets must be UTF-8")
  @ParameterizedTest
  @ValueSource(
      strings = {
        "C080", // NUL, overlong
        "C0BC", // <, overlong
        "E080BC", // <, overlong
        "F08080BC", // <, overlong
        "C1BF",
        "E09FBF",
        "F08FBFBF",
        "EDA080", // a high surrogate
        "EDBFBF", // a low surrogate
        "F4908080", // beyond U+10FFFF
        "F5808080",
        "FF",
        "FE",
        "80",
        "C3", // the end is missing
        "E282",
        "F09F98"
      })
  void refusesWhatIsNotUtf8(String octets) {
    byte[] text =
        Bytes.concat(Bytes.utf8(OPEN + "<a>"), Bytes.hex(octets), Bytes.utf8("</a>")).toArray();
    assertThat(condition(read(text, SMALL))).isEqualTo("unsupported-encoding");
    byte[] attribute =
        Bytes.concat(Bytes.utf8(OPEN + "<a b='"), Bytes.hex(octets), Bytes.utf8("'/>")).toArray();
    assertThat(condition(read(attribute, SMALL))).isEqualTo("unsupported-encoding");
  }

  @ParameterizedTest
  @ValueSource(strings = {"00", "01", "0B", "1F", "EFBFBE", "EFBFBF"})
  void refusesCharactersThatXmlDoesNotHave(String octets) {
    byte[] text =
        Bytes.concat(Bytes.utf8(OPEN + "<a>"), Bytes.hex(octets), Bytes.utf8("</a>")).toArray();
    assertThat(condition(read(text, SMALL))).isEqualTo("not-well-formed");
  }

  @Spec(doc = "RFC 6120", section = "11.6", rule = "no encoding but UTF-8, no byte order mark")
  @Test
  void refusesOtherEncodings() {
    String rest = OPEN.substring(21);
    assertThat(condition(read("<?xml version='1.0' encoding='ISO-8859-1'?>" + rest)))
        .isEqualTo("unsupported-encoding");
    assertThat(condition(read("<?xml version='1.0' encoding='UTF-16'?>" + rest)))
        .isEqualTo("unsupported-encoding");
    assertThat(condition(read(OPEN.getBytes(StandardCharsets.UTF_16), SMALL)))
        .isEqualTo("unsupported-encoding");
    assertThat(condition(read("\uFEFF" + OPEN))).isEqualTo("not-well-formed");
  }

  // Well-formedness.

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<?xml version='1.1'?>",
        "<?xml encoding='UTF-8'?>",
        "<?xml version='1.0'>",
        "<?xml version='1.0' encoding=UTF-8?>",
        "<?xml version='1.0' standalone='maybe'?>",
        "<?xml ?>",
        "x",
        "&#32;",
        "</a>",
        "<![CDATA[]]>"
      })
  void refusesWhatDoesNotBeginAStream(String start) {
    assertThat(condition(read(start + OPEN.substring(21)))).isEqualTo("not-well-formed");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<a></b>",
        "<a></A>",
        "<a><b></a></b>",
        "</stream:streams>",
        "</stream>",
        "<a b='1' b='2'/>",
        "<a xmlns:p='urn:x' xmlns:q='urn:x' p:b='1' q:b='2'/>",
        "<a b=1/>",
        "<a b/>",
        "<a b='1'c='2'/>",
        "<a b='<'/>",
        "<a 'b'/>",
        "< a/>",
        "<>",
        "<1a/>",
        "<a / >",
        "<a//>",
        "<a></a b='1'>",
        "<a>]]></a>",
        "<a>]]]></a>",
        "<a><![cdata[x]]></a>",
        "<a><![CDATA [x]]></a>",
        "<a>& </a>",
        "<a>&;</a>",
        "<a>&#;</a>",
        "<a>&#x;</a>",
        "<a>&#xG;</a>",
        "<a>&#X41;</a>",
        "<a>&#0;</a>",
        "<a>&#1;</a>",
        "<a>&#xD800;</a>",
        "<a>&#xFFFF;</a>",
        "<a>&#x110000;</a>",
        "<a>&#99999999999999;</a>",
        "<a>&amp</a>",
        "<p:a/>",
        "<a p:b='1'/>",
        "<a xmlns:p=''/>",
        "<xmlns:a/>",
        "<a xmlns:xmlns='urn:x'/>",
        "<a xmlns:xml='urn:x'/>",
        "<a xmlns:p='http://www.w3.org/XML/1998/namespace'/>",
        "<a xmlns:p='http://www.w3.org/2000/xmlns/'/>",
        "<a xmlns='http://www.w3.org/2000/xmlns/'/>",
        "<a xmlns='http://www.w3.org/XML/1998/namespace'/>",
        "<a:b:c xmlns:a='urn:x'/>",
        "<:a/>",
        "<a:/>",
        "<a b:='1'/>",
        "<a :b='1'/>",
        "<a xmlns:p='urn:x' p:='1'/>",
        "<a xmlns:p='urn:x' p:b:c='1'/>",
        "<a xmlns:p='urn:x' p:1='1'/>",
        "<p:1 xmlns:p='urn:x'/>",
        "<p: xmlns:p='urn:x'/>",
        "<a xmlns:='urn:x'/>"
      })
  void refusesWhatIsNotNamespaceWellFormed(String element) {
    assertThat(condition(read(OPEN + element))).isEqualTo("not-well-formed");
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "&amp;", "&#32;", "<![CDATA[ ]]>", "ü", "<a/>x"})
  void refusesTextBetweenElements(String text) {
    assertThat(condition(read(OPEN + text))).isEqualTo("bad-format");
  }

  @Spec(doc = "RFC 6120", section = "4.8", rule = "the root is stream:stream in XMPP's namespace")
  @Test
  void refusesOtherRoots() {
    assertThat(condition(read(OPEN.replace("<stream:stream", "<stream:flow"))))
        .isEqualTo("bad-format");
    assertThat(condition(read(OPEN.replace("etherx.jabber.org", "example.org"))))
        .isEqualTo("invalid-namespace");
    assertThat(condition(read(OPEN.replace(" xmlns='jabber:client'", ""))))
        .isEqualTo("invalid-namespace");
    assertThat(
            condition(
                read(OPEN.replace("stream:stream", "s:stream").replace("xmlns:stream", "xmlns:s"))))
        .isEqualTo("bad-namespace-prefix");
    assertThat(condition(read("<iq/>"))).isEqualTo("bad-format");
    assertThat(condition(read(OPEN.replace("xmlns:stream", "xmlns:s"))))
        .isEqualTo("not-well-formed");
  }

  // Limits.

  @Spec(doc = "XEP-0478", section = "", rule = "an element over max-bytes is refused")
  @Test
  void refusesAnElementOneOctetOverTheLimit() {
    String most = "<a>" + "x".repeat(1000 - 7) + "</a>";
    assertThat(most).hasSize(1000);
    assertThat(read(utf8(OPEN + most), SMALL)).hasSize(2);
    assertThat(condition(read(utf8(OPEN + most.replace("<a>", "<a >")), SMALL)))
        .isEqualTo("policy-violation");
  }

  @Test
  void refusesAHeaderOverTheLimit() {
    String header = OPEN.replace("to='", "to='" + "x".repeat(1000));
    assertThat(condition(read(utf8(header), SMALL))).isEqualTo("policy-violation");
  }

  @Test
  void takesNoLongHeaderHoweverLongElementsMayBe() {
    String most = OPEN.replace("to='", "to='" + "x".repeat(8192 - OPEN.length() + 21));
    assertThat(read(utf8(most), StreamLimits.AUTHENTICATED)).hasSize(1);
    assertThat(condition(read(utf8(most.replace("to='", "to='x")), StreamLimits.AUTHENTICATED)))
        .isEqualTo("policy-violation");
    StreamFraming framing = new StreamFraming(StreamLimits.UNAUTHENTICATED);
    framing.feed(utf8(OPEN));
    framing.restart(StreamLimits.AUTHENTICATED);
    assertThat(condition(framing.feed(utf8(most.replace("to='", "to='x")))))
        .isEqualTo("policy-violation");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<a xmlns='%s'/>",
        "<p:a xmlns:p='%s'/>",
        "<p:a b='' xmlns:p = \n\"%s\"/>",
        "<a xmlns:xmlns-1='%s' c=''/>",
      })
  void refusesLongNamespaces(String element) {
    assertThat(read(OPEN + element.formatted("n".repeat(256)))).hasSize(2);
    assertThat(read(OPEN + element.formatted("&amp;" + "n".repeat(255)))).hasSize(2);
    assertThat(condition(read(OPEN + element.formatted("n".repeat(257)))))
        .isEqualTo("policy-violation");
    assertThat(condition(read(OPEN + element.formatted("&#x6E;".repeat(257)))))
        .isEqualTo("policy-violation");
  }

  @ParameterizedTest
  @ValueSource(strings = {"xmln", "xmlnss", "xmlns-p", "mlns", "p:xmlns", "Xmlns", "xxmlns"})
  void takesLongValuesOfWhatIsNoNamespace(String name) {
    assertThat(read(OPEN + "<a xmlns:p='urn:p' %s='%s'/>".formatted(name, "n".repeat(300))))
        .hasSize(2);
  }

  @Test
  void refusesALongNamespaceInTheHeader() {
    assertThat(condition(read(OPEN.replace(" to=", " xmlns:p='" + "n".repeat(300) + "' to="))))
        .isEqualTo("policy-violation");
  }

  @Test
  void refusesNamespacesThatAreSaidOfTooMuch() {
    String open = OPEN.replace(" to=", " xmlns:p='" + "n".repeat(250) + "' xmlns:q='urn:q' to=");
    StringBuilder attributes = new StringBuilder("<x");
    for (int i = 0; i < 32; i++) {
      attributes.append(" p:b").append(i).append("=''");
    }
    // Four times the 16 KiB that a stranger's element may have are 262 such namespaces.
    for (String one : List.of("<p:b/>", "<p:b><p:c/></p:b>", "<q:b p:c=''/>")) {
      String most = "<a>" + one.repeat(255) + "</a>";
      assertThat(read(open + most)).hasSize(2);
      assertThat(condition(read(open + "<a>" + one.repeat(270) + "</a>")))
          .isEqualTo("policy-violation");
    }
    assertThat(read(open + "<a>" + (attributes + "/>").repeat(8) + "</a>")).hasSize(2);
    assertThat(condition(read(open + "<a>" + (attributes + "/>").repeat(9) + "</a>")))
        .isEqualTo("policy-violation");
    assertThat(read(open + "<p:a>" + "<p:b p='1'/>".repeat(1000) + "</p:a>"))
        .as("said once, and inherited")
        .hasSize(2);
  }

  @Test
  void refusesTenMegabytesAsSoonAsTheLimitIsPassed() {
    StreamFraming framing = new StreamFraming(StreamLimits.AUTHENTICATED);
    framing.feed(utf8(OPEN + "<a>"));
    byte[] piece = utf8("x".repeat(1024));
    int sent = 3;
    List<StreamEvent> events = List.of();
    while (events.isEmpty() && sent < 10_000_000) {
      events = framing.feed(piece);
      sent += piece.length;
    }
    assertThat(condition(events)).isEqualTo("policy-violation");
    assertThat(sent).isLessThanOrEqualTo(StreamLimits.AUTHENTICATED.elementBytes() + 1024);
    assertThat(framing.feed(piece)).as("nothing more comes").isEmpty();
  }

  @Test
  void refusesNestingOverTheLimit() {
    assertThat(read(utf8(OPEN + "<a><a><a><a/></a></a></a>"), SMALL)).hasSize(2);
    assertThat(condition(read(utf8(OPEN + "<a><a><a><a><a/>"), SMALL)))
        .isEqualTo("policy-violation");
    assertThat(condition(read(utf8(OPEN + "<a>".repeat(10_000)), StreamLimits.AUTHENTICATED)))
        .isEqualTo("policy-violation");
  }

  @Test
  void refusesMoreAttributesThanTheLimit() {
    assertThat(read(utf8(OPEN + "<a b='' c='' d='' e=''/>"), SMALL)).hasSize(2);
    assertThat(condition(read(utf8(OPEN + "<a b='' c='' d='' e='' f=''/>"), SMALL)))
        .isEqualTo("policy-violation");
  }

  @ParameterizedTest
  @ValueSource(strings = {"<%s/>", "<a %s=''/>", "<a></%s>", "<%s:a/>"})
  void refusesLongNames(String element) {
    assertThat(condition(read(OPEN + element.formatted("n".repeat(300)))))
        .isEqualTo("policy-violation");
  }

  @Test
  void refusesAFloodOfWhiteSpaceAndTakesKeepAlives() {
    assertThat(read(utf8(OPEN + " ".repeat(900) + "<a/>" + "\n".repeat(900) + "<a/>"), SMALL))
        .hasSize(3);
    assertThat(condition(read(utf8(OPEN + " ".repeat(1100)), SMALL))).isEqualTo("policy-violation");
  }

  @Test
  void holdsNewLimitsFromTheNextElementOn() {
    StreamFraming framing = new StreamFraming(SMALL);
    framing.feed(utf8(OPEN + "<a>"));
    framing.limits(new StreamLimits(3, 1, 1));
    assertThat(framing.feed(utf8("text</a>"))).hasSize(1);
    assertThat(condition(framing.feed(utf8("<a/>")))).isEqualTo("policy-violation");
  }

  @Test
  void saysNothingThatThePeerSent() {
    List<StreamEvent> events = read(OPEN + "<geheim></heimlich>");
    assertThat(((StreamEvent.Refused) events.getLast()).rule()).doesNotContain("heim");
  }
}
