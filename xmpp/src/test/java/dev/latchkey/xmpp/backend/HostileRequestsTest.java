// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.backend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What no client means well with: too much, absurd, about somebody else, to oneself.
class HostileRequestsTest {
  private static final int MANY = 10_000;

  private final ChatDomain domain = new ChatDomain("nina", "omar", "pia");
  private final ChatDomain.Client nina = domain.online("nina", "phone");

  private static String many(java.util.function.IntFunction<String> one) {
    return IntStream.range(0, MANY).mapToObj(one).collect(Collectors.joining());
  }

  private static List<String> conditions(Element answer) {
    return answer
        .child("error", Namespaces.CLIENT)
        .map(error -> error.children().map(Element::name).toList())
        .orElse(List.of());
  }

  private Element set(String payload) {
    return nina.ask("<iq type='set' id='s'>" + payload + "</iq>");
  }

  private Element get(String payload) {
    return nina.ask("<iq type='get' id='g'>" + payload + "</iq>");
  }

  @Test
  @Spec(doc = "RFC 6121", section = "2.3.3", rule = "a roster set holds one item")
  void tenThousandContactsAtOnceAreNone() {
    Element answer =
        set(
            "<query xmlns='jabber:iq:roster'>"
                + many(i -> "<item jid='c" + i + "@localhost'/>")
                + "</query>");
    assertThat(conditions(answer)).contains("bad-request");
    assertThat(
            get("<query xmlns='jabber:iq:roster'/>")
                .child("query", "jabber:iq:roster")
                .orElseThrow()
                .children())
        .isEmpty();
  }

  @Test
  void tenThousandBlockedAtOnceAreNone() {
    Element answer =
        set(
            "<block xmlns='urn:xmpp:blocking'>"
                + many(i -> "<item jid='c" + i + "@localhost'/>")
                + "</block>");
    assertThat(answer.attribute("type")).contains("error");
    assertThat(
            get("<blocklist xmlns='urn:xmpp:blocking'/>")
                .child("blocklist", "urn:xmpp:blocking")
                .orElseThrow()
                .children())
        .isEmpty();
  }

  @Test
  void tenThousandItemsPublishedAtOnceAreNone() {
    Element answer =
        set(
            "<pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='n'>"
                + many(i -> "<item id='i" + i + "'><x xmlns='urn:example'/></item>")
                + "</publish></pubsub>");
    assertThat(answer.attribute("type")).contains("error");
    Element items =
        get("<pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='n'/></pubsub>");
    assertThat(conditions(items)).contains("item-not-found");
  }

  @Test
  void tenThousandIdsOfTheArchiveAreTooMany() {
    Element answer =
        set(
            "<query xmlns='urn:xmpp:mam:2'><x xmlns='jabber:x:data' type='submit'>"
                + "<field var='FORM_TYPE'><value>urn:xmpp:mam:2</value></field>"
                + "<field var='ids'>"
                + many(i -> "<value>%024x</value>".formatted(i))
                + "</field></x></query>");
    assertThat(conditions(answer)).contains("not-acceptable");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<max>-1</max>",
        "<max>2147483648</max>",
        "<max>99999999999999999999</max>",
        "<max>many</max>",
        "<max/>",
        "<max>10</max><index>-1</index>",
        "<after>-1</after>",
        "<after>ffffffffffffffffffffffff</after>",
        "<before>7fffffffffffffffffffffff</before><after>000000000000000000000000</after>",
        "<max>1</max><max>2</max>"
      })
  @Spec(
      doc = "XEP-0059",
      section = "2",
      rule = "values that are none are refused or read as bounds")
  void absurdPagesAreAnsweredInBounds(String set) {
    for (int i = 0; i < 3; i++) {
      nina.says("<message to='nina@localhost' type='chat'><body>note</body></message>");
    }
    nina.heard.clear();
    Element answer =
        set(
            "<query xmlns='urn:xmpp:mam:2' queryid='q'>"
                + "<set xmlns='http://jabber.org/protocol/rsm'>"
                + set
                + "</set></query>");
    assertThat(answer.attribute("type").orElseThrow()).isIn("error", "result");
    assertThat(nina.takes("message")).hasSizeLessThanOrEqualTo(3);
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 5", rule = "what is asked about others tells nothing")
  void whatIsAskedOfOthersTellsNotWhetherTheyExist() {
    ChatDomain.Client pia = domain.online("pia", "desk"); // there, omar is away, nobody is none
    assertThat(
            pia.ask(
                    "<iq type='set' id='p'><pubsub xmlns='http://jabber.org/protocol/pubsub'>"
                        + "<publish node='private'><item><x xmlns='urn:example'/></item></publish>"
                        + "</pubsub></iq>")
                .attribute("type"))
        .contains("result");
    for (String payload :
        List.of(
            "<query xmlns='http://jabber.org/protocol/disco#info'/>",
            "<query xmlns='http://jabber.org/protocol/disco#info' node='private'/>",
            "<query xmlns='http://jabber.org/protocol/disco#items'/>",
            "<query xmlns='http://jabber.org/protocol/disco#items' node='private'/>",
            "<query xmlns='jabber:iq:roster'/>",
            "<query xmlns='jabber:iq:private'><x xmlns='urn:example'/></query>",
            "<query xmlns='urn:xmpp:mam:2'/>",
            "<metadata xmlns='urn:xmpp:mam:2'/>",
            "<prefs xmlns='urn:xmpp:mam:2' default='always'/>",
            "<blocklist xmlns='urn:xmpp:blocking'/>",
            "<enable xmlns='urn:xmpp:carbons:2'/>",
            "<vCard xmlns='vcard-temp'/>",
            "<query xmlns='jabber:iq:version'/>",
            "<query xmlns='jabber:iq:last'/>",
            "<ping xmlns='urn:xmpp:ping'/>",
            "<pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='private'/></pubsub>",
            "<pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='none'/></pubsub>",
            "<pubsub xmlns='http://jabber.org/protocol/pubsub'>"
                + "<subscribe node='private' jid='nina@localhost'/></pubsub>",
            "<pubsub xmlns='http://jabber.org/protocol/pubsub'>"
                + "<publish node='private'><item/></publish></pubsub>",
            "<pubsub xmlns='http://jabber.org/protocol/pubsub#owner'>"
                + "<delete node='private'/></pubsub>",
            "<pubsub xmlns='http://jabber.org/protocol/pubsub#owner'>"
                + "<configure node='private'/></pubsub>")) {
      for (String type : List.of("get", "set")) {
        String nobody = asked(type, "nobody", payload);
        assertThat(nobody).contains("type='error'");
        assertThat(asked(type, "omar", payload)).as(payload).isEqualTo(nobody);
        assertThat(asked(type, "pia", payload)).as(payload).isEqualTo(nobody);
      }
    }
    assertThat(pia.heard).isEmpty();
  }

  private String asked(String type, String whom, String payload) {
    return nina.ask("<iq type='%s' id='a' to='%s@localhost'>%s</iq>".formatted(type, whom, payload))
        .toXml()
        .replace(whom + "@localhost", "SOMEBODY");
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 5", rule = "nor do resources")
  void whatIsAskedOfOthersDevicesTellsNotWhetherTheyExist() {
    var _ = domain.online("pia", "desk");
    List<String> answers =
        List.of("omar", "pia", "nobody").stream()
            .map(
                whom ->
                    nina.ask(
                            "<iq type='get' id='a' to='%s@localhost/x'><ping xmlns='urn:xmpp:ping'/></iq>"
                                .formatted(whom))
                        .toXml()
                        .replace(whom + "@localhost", "SOMEBODY"))
            .distinct()
            .toList();
    assertThat(answers).singleElement().asString().contains("service-unavailable");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "to='nina@localhost'", "to='localhost'"})
  @Spec(
      doc = "RFC 6120",
      section = "8.4",
      rule = "what nobody here understands is answered: there is no such service")
  void whatNobodyUnderstandsIsUnavailable(String to) {
    for (String type : List.of("get", "set")) {
      Element answer =
          nina.ask("<iq type='%s' id='u' %s><x xmlns='urn:nothing'/></iq>".formatted(type, to));
      assertThat(answer.attribute("type")).contains("error");
      assertThat(conditions(answer)).containsExactly("service-unavailable");
    }
    assertThat(nina.heard).isEmpty();
  }

  @Test
  @Spec(doc = "RFC 6121", section = "8.5.1", rule = "nobody reads what is written to the domain")
  void aMessageToTheDomainComesBack() {
    nina.says("<message to='localhost' id='m'><body>is anybody there?</body></message>");
    assertThat(nina.takes("message"))
        .singleElement()
        .satisfies(
            answer -> {
              assertThat(answer.attribute("id")).contains("m");
              assertThat(answer.attribute("from")).contains("localhost");
              assertThat(conditions(answer)).containsExactly("service-unavailable");
            });
    nina.says("<message to='localhost' type='error'><body>never answered</body></message>");
    assertThat(nina.heard).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<iq type='get' id='b' to='%s'/>",
        "<iq type='set' id='b' to='%s'><x xmlns='urn:a'/><y xmlns='urn:a'/></iq>",
        "<iq type='wish' id='b' to='%s'><x xmlns='urn:a'/></iq>",
        "<iq id='b' to='%s'><x xmlns='urn:a'/></iq>",
        "<iq type='get' to='%s'><x xmlns='urn:a'/></iq>"
      })
  @Spec(
      doc = "RFC 6120",
      section = "8.2.3",
      rule = "a request has a type, an id and one child; what has not is refused on its way")
  void aRequestThatIsNoneReachesNobodysDevice(String request) {
    ChatDomain.Client omar = domain.online("omar", "desk");
    for (String to : List.of("omar@localhost/desk", "omar@localhost/gone", "nobody@localhost/x")) {
      nina.says(request.formatted(to));
      assertThat(nina.takes("iq"))
          .singleElement()
          .satisfies(answer -> assertThat(conditions(answer)).containsExactly("bad-request"));
    }
    assertThat(omar.heard).isEmpty();
  }

  @Test
  void whatIsSentToOneselfArrivesOnceAndEndsThere() {
    String self = "to='nina@localhost/phone'";
    nina.says("<iq type='get' id='i' " + self + "><ping xmlns='urn:xmpp:ping'/></iq>");
    assertThat(nina.takes("iq"))
        .singleElement()
        .satisfies(iq -> assertThat(iq.attribute("type")).contains("get"));
    nina.says("<iq type='result' id='i' " + self + "/>");
    assertThat(nina.takes("iq")).hasSize(1);
    nina.says("<iq type='error' id='i' to='nina@localhost/gone'/>");
    assertThat(nina.takes("iq")).isEmpty();
    nina.says("<presence " + self + "/>");
    assertThat(nina.takes("presence")).hasSize(1);
    nina.says("<presence type='probe' " + self + "/>");
    nina.takes("presence");
    nina.says("<presence type='subscribe' " + self + "/>");
    assertThat(nina.takes("presence")).isEmpty();
    nina.says("<message type='error' " + self + "><body>x</body></message>");
    assertThat(nina.takes("message")).hasSizeLessThanOrEqualTo(1);
  }

  @Test
  @Spec(doc = "RFC 6120", section = "8.2.3", rule = "an answer that nobody waits for goes nowhere")
  void answersThatNobodyAskedForChangeNothing() {
    nina.says(
        "<presence><c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='n'"
            + " ver='x'/></presence>");
    nina.heard.clear();
    for (String type : List.of("result", "error")) {
      for (String to :
          List.of("nina@localhost", "localhost", "omar@localhost", "nobody@localhost")) {
        nina.says(
            "<iq type='%s' id='guess' to='%s'><query xmlns='%s'/></iq>"
                .formatted(type, to, Namespaces.DISCO_INFO));
      }
    }
    assertThat(nina.heard).isEmpty();
  }

  @Test
  void aSessionThatOutlivesItsAccountFindsNobodyAndKeepsNothing() {
    ChatDomain.Client omar = domain.online("omar", "desk");
    domain.befriend(nina, omar);
    domain.delete("omar");
    nina.heard.clear();
    // What was on its way when the account went: the registry ends the session before, but a stanza
    // may be in the midst of it.
    omar.says("<message to='nina@localhost' type='chat'><body>last</body></message>");
    omar.says("<presence type='subscribe' to='nina@localhost'/>");
    omar.leaves();
    nina.says("<message to='omar@localhost' type='chat'><body>to nobody</body></message>");
    assertThat(
            nina.takes("message").stream()
                .filter(m -> m.attribute("type").filter("error"::equals).isPresent()))
        .isEmpty();
  }
}
