// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.backend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// What becomes of stanzas that a session was handed and never acknowledged (XEP-0198 §5).
class ComingBackTest {
  private final ChatDomain domain = new ChatDomain("nina", "omar", "pia");
  private final ChatDomain.Client nina = domain.online("nina", "phone");
  private final ChatDomain.Client omar = acknowledging(domain.online("omar", "desk"));

  private static ChatDomain.Client acknowledging(ChatDomain.Client client) {
    client.acknowledges = true;
    return client;
  }

  private static String chat(String to, String body) {
    return "<message to='%s' type='chat' id='m'><body>%s</body></message>".formatted(to, body);
  }

  private static String noStore(String to) {
    return ("<message to='%s' type='chat' id='m'><body>now or never</body>"
            + "<no-store xmlns='urn:xmpp:hints'/></message>")
        .formatted(to);
  }

  private static List<String> conditions(List<Element> stanzas) {
    return stanzas.stream()
        .flatMap(stanza -> stanza.child("error", Namespaces.CLIENT).stream())
        .flatMap(Element::children)
        .map(Element::name)
        .toList();
  }

  private static void keepsNothing(ChatDomain.Client client) {
    client.ask(
        "<iq type='set' id='p'><prefs xmlns='urn:xmpp:mam:2' default='never'><always/><never/>"
            + "</prefs></iq>");
  }

  @Test
  @Spec(
      doc = "XEP-0198",
      section = "5",
      rule = "A message that did not arrive goes to another resource, which sees that it is late")
  void aMessageGoesToAnotherDeviceThatIsThere() {
    ChatDomain.Client tablet = domain.online("omar", "tablet");
    omar.heard.clear();
    nina.says(chat("omar@localhost/desk", "one"));
    nina.says(chat("omar@localhost/desk", "two"));
    assertThat(tablet.takesTexts()).isEmpty();

    omar.isLost();

    List<Element> moved = tablet.takes("message");
    assertThat(moved)
        .extracting(m -> m.child("body", Namespaces.CLIENT).map(Element::text).orElse(""))
        .containsExactly("one", "two");
    assertThat(moved)
        .allMatch(m -> m.child("delay", "urn:xmpp:delay").isPresent())
        .allMatch(m -> m.child("stanza-id", "urn:xmpp:sid:0").isPresent());
    assertThat(tablet.archived()).containsExactly("one", "two");
    assertThat(nina.takes("message")).isEmpty();
  }

  @Test
  @Spec(doc = "XEP-0198", section = "5", rule = "A message may lose its way twice")
  void aMessageThatDoesNotArriveElsewhereComesBackAgain() {
    ChatDomain.Client tablet = acknowledging(domain.online("omar", "tablet"));
    nina.says(chat("omar@localhost/desk", "one"));
    omar.isLost();
    assertThat(tablet.takesTexts()).containsExactly("one");
    tablet.isLost();

    ChatDomain.Client back = domain.connect("omar", "back");
    back.says("<presence/>");
    assertThat(back.takesTexts()).containsExactly("one");
    assertThat(back.archived()).containsExactly("one");
  }

  @Test
  @Spec(
      doc = "XEP-0198",
      section = "5",
      rule = "If nobody is there a message waits, once, in order")
  void aMessageWaitsIfNobodyElseIsThere() {
    nina.says(chat("omar@localhost", "one"));
    nina.says(chat("omar@localhost/desk", "two"));
    omar.isLost();
    nina.says(chat("omar@localhost", "three"));
    ChatDomain.Client back = domain.connect("omar", "desk");
    back.says("<presence/>");

    assertThat(back.takesTexts()).containsExactly("one", "two", "three");
    back.says("<presence type='unavailable'/>");
    back.says("<presence/>");
    assertThat(back.takesTexts()).isEmpty();
    assertThat(back.archived()).containsExactly("one", "two", "three");
    assertThat(nina.takes("message")).isEmpty();
  }

  @Test
  @Spec(
      doc = "XEP-0198",
      section = "5",
      rule = "A fault in one message that did not arrive loses none of those after it")
  void aFaultInOneMessageLosesNoOther() {
    nina.says(chat("omar@localhost", "one"));
    nina.says(chat("omar@localhost", "two"));
    nina.says(chat("omar@localhost", "three"));
    domain.beforeItWaits.happens(
        () -> {
          throw new IllegalStateException("a store that is broken for this test");
        });
    omar.isLost();
    ChatDomain.Client back = domain.connect("omar", "desk");
    back.says("<presence/>");

    assertThat(back.takesTexts()).containsExactly("two", "three");
  }

  @Test
  @Spec(doc = "XEP-0198", section = "5", rule = "What was acknowledged does not come back")
  void whatWasAcknowledgedDoesNotComeBack() {
    nina.says(chat("omar@localhost", "one"));
    omar.hasEverything();
    nina.says(chat("omar@localhost", "two"));
    omar.isLost();
    ChatDomain.Client back = domain.connect("omar", "desk");
    back.says("<presence/>");

    assertThat(back.takesTexts()).containsExactly("two");
  }

  @Test
  @Spec(
      doc = "XEP-0198",
      section = "5",
      rule = "What another device was handed is not handed twice")
  void whatOthersWereHandedDoesNotComeToThemTwice() {
    ChatDomain.Client tablet = domain.online("omar", "tablet");
    ChatDomain.Client laptop = domain.online("omar", "laptop");
    laptop.says("<presence><priority>-1</priority></presence>");
    laptop.ask("<iq type='set' id='c'><enable xmlns='urn:xmpp:carbons:2'/></iq>");
    laptop.heard.clear();
    nina.says(chat("omar@localhost", "to all"));
    nina.says(chat("omar@localhost/desk", "to one, and a copy"));
    assertThat(tablet.takesTexts()).containsExactly("to all");
    assertThat(laptop.takesTexts())
        .containsExactly("received: to all", "received: to one, and a copy");

    omar.isLost();

    assertThat(tablet.takesTexts()).isEmpty();
    assertThat(laptop.takesTexts()).isEmpty();
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "design: what must always hold, 7",
      rule = "What no archive keeps is kept until it is acknowledged, and no longer")
  void whatNoArchiveKeepsIsKeptUntilItIsAcknowledged() {
    keepsNothing(omar);
    nina.says(chat("omar@localhost", "one"));
    assertThat(omar.takesTexts()).containsExactly("one");
    omar.hasEverything();
    nina.says(chat("omar@localhost", "two"));
    omar.isLost();
    ChatDomain.Client back = domain.connect("omar", "desk");
    back.says("<presence/>");

    assertThat(back.takesTexts()).containsExactly("two");
    assertThat(back.archived()).isEmpty();
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 5",
      rule = "Only who may know of the account hears that a message did not arrive")
  void whatMustNotBeKeptComesBackToAContactAndToNobodyElse() {
    ChatDomain.Client stranger = domain.online("pia", "x");
    domain.befriend(nina, omar);
    nina.says(noStore("omar@localhost/desk"));
    stranger.says(noStore("omar@localhost/desk"));
    omar.isLost();

    assertThat(conditions(nina.takes("message"))).containsExactly("service-unavailable");
    assertThat(stranger.heard).isEmpty();
    ChatDomain.Client back = domain.connect("omar", "desk");
    back.says("<presence/>");
    assertThat(back.takesTexts()).isEmpty();
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "design: what must always hold, 8",
      rule = "What comes back waits within the bound for what waits; a contact is told of the rest")
  void whatComesBackIsBounded() {
    domain.befriend(nina, omar);
    keepsNothing(omar);
    ChatDomain.Client stranger = domain.online("pia", "x");
    for (int i = 0; i <= ChatDomain.MOST_OFFLINE; i++) {
      nina.says(chat("omar@localhost", "m" + i));
    }
    stranger.says(chat("omar@localhost", "from a stranger"));

    assertThat(nina.takes("message")).as("somebody is there").isEmpty();
    omar.isLost();
    assertThat(conditions(nina.takes("message"))).containsExactly("service-unavailable");
    assertThat(stranger.heard).isEmpty();
    ChatDomain.Client back = domain.connect("omar", "desk");
    back.says("<presence/>");
    assertThat(back.takesTexts()).hasSize(ChatDomain.MOST_OFFLINE);
  }

  @Test
  @Spec(
      doc = "XEP-0160",
      section = "2",
      rule = "Who is there gets a message, whether or not it could wait")
  void whoIsThereGetsWhatCouldNotWait() {
    keepsNothing(omar);
    for (int i = 0; i < ChatDomain.MOST_OFFLINE; i++) {
      nina.says(chat("omar@localhost", "m" + i));
    }
    omar.heard.clear();
    nina.says(chat("omar@localhost/desk", "to one"));
    nina.says(chat("omar@localhost", "to all"));

    assertThat(omar.takesTexts()).containsExactly("to one", "to all");
    assertThat(nina.takes("message")).isEmpty();
    omar.hasEverything();
    nina.says(chat("omar@localhost", "guarded again"));
    omar.isLost();
    ChatDomain.Client back = domain.connect("omar", "desk");
    back.says("<presence/>");
    assertThat(back.takesTexts()).containsExactly("guarded again");
  }

  @Test
  @Spec(
      doc = "RFC 6121",
      section = "8.5.2.2",
      rule = "Headlines and errors are worth nothing later")
  void headlinesAndErrorsAreDropped() {
    domain.befriend(nina, omar);
    nina.says("<message to='omar@localhost/desk' type='headline'><body>news</body></message>");
    nina.says(
        "<message to='omar@localhost/desk' type='error'><body>no</body><error type='cancel'>"
            + "<gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>");
    omar.isLost();

    assertThat(nina.takes("message")).isEmpty();
    ChatDomain.Client back = domain.connect("omar", "desk");
    back.says("<presence/>");
    assertThat(back.takesTexts()).isEmpty();
  }

  @Test
  @Spec(doc = "XEP-0198", section = "5", rule = "Whoever asked a session that is gone is told")
  void whoAskedIsTold() {
    nina.says("<iq type='get' id='g' to='omar@localhost/desk'><q xmlns='urn:example:q'/></iq>");
    nina.says("<iq type='set' id='s' to='omar@localhost/desk'><q xmlns='urn:example:q'/></iq>");
    nina.says("<iq type='result' id='r' to='omar@localhost/desk'/>");
    assertThat(nina.heard).isEmpty();
    omar.isLost();

    List<Element> answers = nina.takes("iq");
    assertThat(answers)
        .extracting(answer -> answer.attribute("id").orElse(""))
        .containsExactly("g", "s");
    assertThat(answers)
        .allMatch(answer -> answer.attribute("type").orElse("").equals("error"))
        .allMatch(answer -> answer.attribute("from").orElse("").equals("omar@localhost/desk"))
        .noneMatch(answer -> answer.child("q", "urn:example:q").isPresent());
    assertThat(conditions(answers)).containsExactly("service-unavailable", "service-unavailable");
  }

  @Test
  void whatTheServerItselfAskedOrToldIsForgotten() {
    ChatDomain.Client tablet = domain.online("omar", "tablet");
    tablet.ask(
        "<iq type='set' id='a'><query xmlns='jabber:iq:roster'><item jid='pia@localhost'/></query>"
            + "</iq>");
    assertThat(omar.takes("iq")).as("a roster push").hasSize(1);
    nina.says("<presence to='omar@localhost/desk'/>");
    tablet.heard.clear();
    omar.isLost();

    assertThat(tablet.takes("iq")).isEmpty();
    assertThat(tablet.takesPresence()).containsExactly("omar/desk unavailable");
    assertThat(nina.takes("iq")).isEmpty();
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "design: what must always hold, 8",
      rule = "Who may not be handed more is not handed what comes back")
  void whoHasNoRoomIsNotHandedWhatComesBack() {
    ChatDomain.Client tablet = domain.online("omar", "tablet");
    tablet.full = true;
    nina.says(chat("omar@localhost/desk", "one"));
    omar.isLost();
    assertThat(tablet.takesTexts()).isEmpty();
    tablet.leaves();

    ChatDomain.Client back = domain.connect("omar", "desk");
    back.says("<presence/>");
    assertThat(back.takesTexts()).containsExactly("one");
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "design: what must always hold, 8",
      rule = "What comes for who has no room waits until he has, and comes once, in order")
  void whoHasNoRoomIsHandedItWhenHeHas() {
    omar.ask("<iq type='set' id='c'><enable xmlns='urn:xmpp:carbons:2'/></iq>");
    omar.heard.clear();
    omar.full = true;
    nina.says(chat("omar@localhost", "one"));
    nina.says(chat("omar@localhost/desk", "two"));
    assertThat(omar.takesTexts()).isEmpty();

    omar.hasRoomAgain();

    assertThat(omar.takesTexts()).containsExactly("one", "two");
    omar.hasEverything();
    omar.hasRoomAgain();
    nina.says(chat("omar@localhost", "three"));
    assertThat(omar.takesTexts()).containsExactly("three");
    assertThat(omar.archived()).containsExactly("one", "two", "three");
    assertThat(nina.takes("message")).isEmpty();
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "design: what must always hold, 8",
      rule = "What another device is handed does not pass by who has no room: it would never come")
  void whoHasNoRoomDoesNotMissWhatAnotherDeviceGets() {
    ChatDomain.Client tablet = domain.online("omar", "tablet");
    omar.heard.clear();
    omar.full = true;
    nina.says(chat("omar@localhost", "to both"));
    assertThat(tablet.takesTexts()).containsExactly("to both");
    assertThat(omar.takesTexts()).containsExactly("to both");
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "design: what must always hold, 8",
      rule = "What a stranger can send without end does not end a session: it is not offered it")
  void whoHasNoRoomIsNotFilledByStrangers() {
    ChatDomain.Client stranger = domain.online("pia", "x");
    domain.befriend(nina, omar);
    omar.heard.clear();
    omar.full = true;
    stranger.says("<presence to='omar@localhost/desk'/>");
    stranger.says("<presence to='omar@localhost'/>");
    stranger.says("<iq type='get' id='v' to='omar@localhost/desk'><query xmlns='urn:any'/></iq>");
    stranger.says(chat("omar@localhost/desk", "m"));
    assertThat(conditions(stranger.takes("iq"))).containsExactly("service-unavailable");
    assertThat(omar.heard).isEmpty();
    nina.says("<presence><show>away</show></presence>");
    assertThat(omar.takesPresence())
        .as("which would be missed")
        .containsExactly("nina/phone available");
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "design: what must always hold, 8",
      rule = "A message for a session that ends at that moment goes where it goes without it")
  void aMessageForASessionThatHasJustEndedIsNotLost() {
    ChatDomain.Client tablet = domain.online("omar", "tablet");
    tablet.says("<presence><priority>-1</priority></presence>");
    tablet.heard.clear();
    omar.ends = true;
    nina.says(chat("omar@localhost", "archived"));
    assertThat(tablet.takesTexts()).isEmpty();
    omar.leaves();
    tablet.says("<presence/>");
    assertThat(tablet.takesTexts()).containsExactly("archived");

    ChatDomain.Client back = acknowledging(domain.online("omar", "desk"));
    keepsNothing(tablet);
    back.ends = true;
    nina.says(chat("omar@localhost/desk", "kept until it is acknowledged"));
    assertThat(tablet.takesTexts()).containsExactly("kept until it is acknowledged");
    assertThat(nina.takes("message")).isEmpty();
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 5",
      rule = "Only a contact hears that nobody took what must not be kept")
  void whatMustNotBeKeptAndNobodyTookComesBackToAContactOnly() {
    domain.befriend(nina, omar);
    ChatDomain.Client stranger = domain.online("pia", "x");
    for (ChatDomain.Client sender : List.of(nina, stranger)) {
      sender.heard.clear();
      for (String stanza :
          List.of(
              noStore("omar@localhost/desk"),
              "<iq type='get' id='v' to='omar@localhost/desk'><query xmlns='urn:any'/></iq>")) {
        ChatDomain.Client ending = domain.online("omar", "desk");
        ending.ends = true;
        sender.says(stanza);
      }
    }
    assertThat(conditions(nina.takes("message"))).containsExactly("service-unavailable");
    assertThat(stranger.takes("message")).isEmpty();
    assertThat(conditions(nina.takes("iq"))).containsExactly("service-unavailable");
    assertThat(conditions(stranger.takes("iq"))).containsExactly("service-unavailable");
  }

  @Test
  @Spec(
      doc = "XEP-0160",
      section = "3",
      rule = "What waits goes on to be handed over when a client is back that was lost in between")
  void whatWaitsGoesOnWhenAClientIsBack() {
    omar.leaves();
    for (String body : List.of("one", "two", "three")) {
      nina.says(chat("omar@localhost", body));
    }
    ChatDomain.Client back = acknowledging(domain.connect("omar", "desk"));
    back.takes = 1;
    back.says("<presence/>");
    assertThat(back.takesTexts()).containsExactly("one");

    back.isBack();

    assertThat(back.takesTexts()).containsExactly("two", "three");
    back.isBack();
    assertThat(back.takesTexts()).isEmpty();
  }

  @Test
  @Spec(
      doc = "XEP-0198",
      section = "5",
      rule =
          "What a session was handed comes out of its books when its client is back, and only so")
  void whatWasHandedLiveIsNotHandedAgainWhenAClientIsBack() {
    keepsNothing(omar);
    nina.says(chat("omar@localhost", "one"));
    assertThat(omar.takesTexts()).containsExactly("one");
    omar.isBack();
    assertThat(omar.takesTexts()).isEmpty();

    omar.isLost();
    ChatDomain.Client back = domain.connect("omar", "desk");
    back.says("<presence/>");
    assertThat(back.takesTexts()).as("it waits until it is acknowledged").containsExactly("one");
  }

  @Test
  @Spec(
      doc = "XEP-0198",
      section = "5",
      rule = "What still waits when a session ends goes to another resource that is there, once")
  void whatWaitsGoesToADeviceThatIsThere() {
    ChatDomain.Client tablet = acknowledging(domain.online("omar", "tablet"));
    ChatDomain.Client low = domain.connect("omar", "low");
    low.says("<presence><priority>-1</priority></presence>");
    keepsNothing(omar);
    nina.says(chat("omar@localhost", "to all"));
    nina.says(chat("omar@localhost/desk", "to one"));
    assertThat(tablet.takesTexts()).containsExactly("to all");

    omar.isLost();

    assertThat(tablet.takesTexts()).containsExactly("to one");
    assertThat(low.takesTexts()).isEmpty();
    tablet.hasEverything();
    ChatDomain.Client back = domain.connect("omar", "desk");
    back.says("<presence/>");
    assertThat(back.takesTexts()).isEmpty();
  }

  @Test
  @Spec(
      doc = "XEP-0313",
      section = "4",
      rule = "Who is told that a page is there has all of it; else it is told to ask again")
  void aPageThatWasCutIsNotSaidToBeWhole() {
    for (String body : List.of("one", "two", "three")) {
      nina.says(chat("omar@localhost", body));
    }
    omar.hasEverything();
    omar.heard.clear();
    omar.takes = 1;
    Element answer = omar.ask("<iq type='set' id='q'><query xmlns='urn:xmpp:mam:2'/></iq>");

    assertThat(omar.takes("message")).hasSize(1);
    assertThat(answer.child("fin", "urn:xmpp:mam:2")).isEmpty();
    assertThat(conditions(List.of(answer))).containsExactly("resource-constraint");
    assertThat(answer.child("error", Namespaces.CLIENT).flatMap(error -> error.attribute("type")))
        .as("it may ask again")
        .contains("wait");
    omar.isBack();
    assertThat(omar.archived()).containsExactly("one", "two", "three");
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "design: what must always hold, 8",
      rule = "What waits is offered once to each device, and not over and over to those away")
  void whatWaitsIsNotOfferedOverAndOverToDevicesThatAreAway() {
    omar.leaves();
    nina.says(chat("omar@localhost", "one"));
    ChatDomain.Client desk = domain.connect("omar", "desk");
    ChatDomain.Client tablet = domain.connect("omar", "tablet");
    desk.lost = true;
    tablet.lost = true;
    desk.says("<presence/>");
    tablet.says("<presence/>");
    assertThat(desk.takesTexts()).isEmpty();
    assertThat(tablet.takesTexts()).isEmpty();

    tablet.isBack();

    assertThat(tablet.takesTexts()).containsExactly("one");
  }

  @Test
  @Spec(
      doc = "RFC 6121",
      section = "8.5.2.1.1",
      rule = "Who is not available, or of negative priority, is handed nothing that waits")
  void whoWantsNoMessagesIsHandedNoneWhenItIsBack() {
    omar.leaves();
    nina.says(chat("omar@localhost", "one"));
    ChatDomain.Client silent = domain.connect("omar", "silent");
    ChatDomain.Client low = domain.connect("omar", "low");
    low.says("<presence><priority>-1</priority></presence>");
    silent.isBack();
    low.isBack();

    assertThat(silent.takesTexts()).isEmpty();
    assertThat(low.takesTexts()).isEmpty();
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 4",
      rule = "What was for an account that is gone never reaches who has its name now")
  void whatWasForADeletedAccountReachesNobody() {
    ChatDomain.Client stranger = domain.online("pia", "x");
    nina.says(chat("omar@localhost/desk", "for the old one"));
    stranger.says(noStore("omar@localhost/desk"));
    domain.giveAway("omar");
    nina.heard.clear();
    ChatDomain.Client heir = domain.online("omar", "desk");
    omar.isLost();

    assertThat(heir.takes("message")).isEmpty();
    assertThat(heir.archived()).isEmpty();
    assertThat(stranger.heard).isEmpty();
    ChatDomain.Client second = domain.connect("omar", "second");
    second.says("<presence/>");
    assertThat(second.takesTexts()).isEmpty();
  }

  @Test
  @Spec(
      doc = "XEP-0352",
      section = "5",
      rule =
          "What waits until it is acknowledged is handed over, typing or not; only the rest goes")
  void typingThatIsDroppedLeavesNothingWaiting() {
    ChatDomain.Client stranger = domain.online("pia", "x");
    String typing =
        "<message to='omar@localhost' type='%s'>"
            + "<composing xmlns='http://jabber.org/protocol/chatstates'/></message>";
    omar.saysOther("<inactive xmlns='urn:xmpp:csi:0'/>");
    stranger.says(typing.formatted("chat"));
    assertThat(omar.heard).isEmpty();
    for (int i = 0; i < ChatDomain.MOST_OFFLINE; i++) {
      stranger.says(typing.formatted("normal")); // XEP-0160 §3: this waits
    }
    omar.hasEverything();

    assertThat(domain.messages.offline(domain.id("omar"), Optional.empty(), 1)).isEmpty();
  }
}
