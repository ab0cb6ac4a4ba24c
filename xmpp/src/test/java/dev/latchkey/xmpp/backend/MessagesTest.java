// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.backend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.chat.history.ArchiveEnds;
import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Where messages go, what is kept of them, and who sees copies.
class MessagesTest {
  private final ChatDomain domain = new ChatDomain("nina", "omar", "pia");
  private final ChatDomain.Client nina = domain.online("nina", "phone");
  private final ChatDomain.Client omar = domain.online("omar", "desk");

  private static String chat(String to, String body) {
    return "<message to='%s' type='chat'><body>%s</body></message>".formatted(to, body);
  }

  private static List<String> conditions(List<Element> stanzas) {
    return stanzas.stream()
        .flatMap(stanza -> stanza.child("error", Namespaces.CLIENT).stream())
        .flatMap(Element::children)
        .map(Element::name)
        .toList();
  }

  @Test
  @Spec(
      doc = "XEP-0280",
      section = "7",
      rule = "who is handed a message when it says that it is there needs no copy before")
  void whatWaitsIsNotCopiedToWhoIsHandedIt() {
    omar.leaves();
    ChatDomain.Client tablet =
        domain.connect("omar", "tablet", Element.empty("enable", "urn:xmpp:carbons:2"));
    ChatDomain.Client silent = domain.connect("omar", "silent");
    silent.ask("<iq type='set' id='c'><enable xmlns='urn:xmpp:carbons:2'/></iq>");
    silent.says("<presence><priority>-1</priority></presence>");
    nina.says(chat("omar@localhost", "hi"));
    assertThat(tablet.takesTexts()).isEmpty();
    assertThat(silent.takesTexts()).as("it takes none itself").containsExactly("received: hi");
    tablet.says("<presence/>");
    assertThat(tablet.takesTexts()).containsExactly("hi");
  }

  @Test
  @Spec(
      doc = "XEP-0313",
      section = "7",
      rule = "'roster' archives messages of contacts, not of who only asks to be one")
  void whoOnlyAsksIsNotArchivedAsAContact() {
    omar.ask(
        "<iq type='set' id='p'><prefs xmlns='urn:xmpp:mam:2' default='roster'>"
            + "<always/><never/></prefs></iq>");
    nina.says("<presence type='subscribe' to='omar@localhost'/>");
    nina.says(chat("omar@localhost", "let me in"));
    assertThat(omar.archived()).isEmpty();
    omar.says("<presence type='subscribed' to='nina@localhost'/>");
    nina.says(chat("omar@localhost", "thanks"));
    assertThat(omar.archived()).containsExactly("thanks");
  }

  @Test
  @Spec(
      doc = "XEP-0160",
      section = "3",
      rule =
          "what begins to wait while another is handed the last is not forgotten, and comes once")
  void whatBeginsToWaitAtTheEndIsHandedOverOnce() {
    omar.leaves();
    nina.says(chat("omar@localhost", "first"));
    ChatDomain.Client phone = domain.connect("omar", "phone");
    ChatDomain.Client tablet = domain.connect("omar", "tablet");
    domain.afterReadingNothing.happens(
        () -> {
          phone.full = true; // for a moment
          nina.says(chat("omar@localhost", "second"));
          phone.full = false;
          tablet.says("<presence/>");
        });
    phone.says("<presence/>");
    assertThat(Stream.of(phone, tablet).flatMap(it -> it.takesTexts().stream()))
        .containsExactly("first", "second");
  }

  @Test
  @Spec(doc = "RFC 6121", section = "8.5.2.1.1", rule = "the most available resources get it")
  void theMostAvailableResourcesGetIt() {
    ChatDomain.Client low = domain.connect("omar", "low");
    low.says("<presence><priority>-1</priority></presence>");
    ChatDomain.Client high = domain.connect("omar", "high");
    high.says("<presence><priority>5</priority></presence>");
    omar.heard.clear();
    nina.says(chat("omar@localhost", "hi"));
    assertThat(high.takesTexts()).containsExactly("hi");
    assertThat(omar.takesTexts()).isEmpty();
    assertThat(low.takesTexts()).isEmpty();
  }

  @Test
  @Spec(
      doc = "RFC 6121",
      section = "8.5.3",
      rule = "a chat to a resource that is gone is to the account")
  void aChatToAFullJidThatIsGoneReachesTheAccount() {
    nina.says(chat("omar@localhost/gone", "still"));
    assertThat(omar.takesTexts()).containsExactly("still");
    nina.says("<message to='omar@localhost/gone'><body>normal</body></message>");
    assertThat(omar.takesTexts()).isEmpty();
    assertThat(conditions(nina.takes("message"))).containsExactly("service-unavailable");
  }

  @Test
  @Spec(doc = "RFC 6120", section = "8.1.2.1", rule = "the server says who sent it")
  void aForgedFromIsReplaced() {
    nina.says("<message from='pia@localhost/x' to='omar@localhost'><body>me</body></message>");
    Element message = omar.takes("message").getFirst();
    assertThat(message.attribute("from")).contains("nina@localhost/phone");
  }

  @Test
  @Spec(doc = "XEP-0160", section = "3", rule = "what comes for who is away waits, once, in order")
  void whatComesForWhoIsAwayWaitsAndComesOnce() {
    omar.leaves();
    nina.says(chat("omar@localhost", "one"));
    nina.says(chat("omar@localhost", "two"));
    nina.says(
        "<message to='omar@localhost' type='chat'>"
            + "<composing xmlns='http://jabber.org/protocol/chatstates'/></message>");
    nina.says("<message to='omar@localhost' type='headline'><body>news</body></message>");
    assertThat(nina.takes("message")).isEmpty();
    ChatDomain.Client back = domain.connect("omar", "desk");
    back.says("<presence><priority>-5</priority></presence>");
    assertThat(back.takesTexts()).as("a negative priority takes nothing").isEmpty();
    back.says("<presence/>");
    List<Element> waited = back.takes("message");
    assertThat(waited)
        .extracting(m -> m.child("body", Namespaces.CLIENT).map(Element::text).orElse(""))
        .containsExactly("one", "two");
    assertThat(waited).allMatch(m -> m.child("delay", "urn:xmpp:delay").isPresent());
    back.says("<presence type='unavailable'/>");
    back.says("<presence/>");
    assertThat(back.takesTexts()).isEmpty();
  }

  @Test
  @Spec(
      doc = "XEP-0160",
      section = "2",
      rule = "what a lost connection did not take goes on waiting")
  void whatALostConnectionDidNotTakeGoesOnWaiting() {
    omar.leaves();
    nina.says(chat("omar@localhost", "one"));
    ChatDomain.Client dying = domain.connect("omar", "dying");
    dying.lost = true;
    dying.says("<presence/>");
    dying.leaves();
    ChatDomain.Client back = domain.connect("omar", "back");
    back.says("<presence/>");
    assertThat(back.takesTexts()).containsExactly("one");
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 5", rule = "a stranger cannot tell an account from none")
  void nobodyAndSomebodyWhoIsAwayAnswerTheSame() {
    omar.leaves();
    for (String type : List.of("chat", "normal", "headline", "groupchat", "error", "absurd")) {
      for (String resource : List.of("", "/desk")) {
        String form = "<message id='m' to='%s@localhost%s' type='%s'><body>x</body></message>";
        nina.says(form.formatted("omar", resource, type));
        List<String> away = heard("omar");
        nina.says(form.formatted("nobody", resource, type));
        assertThat(heard("nobody")).as(type + resource).isEqualTo(away);
      }
    }
  }

  private List<String> heard(String name) {
    List<String> all = nina.heard.stream().map(s -> s.toXml().replace(name + "@", "X@")).toList();
    nina.heard.clear();
    return all;
  }

  @Test
  @Spec(
      doc = "XEP-0160",
      section = "2",
      rule = "what waits has a bound; a stranger hears nothing of it")
  void whatWaitsHasABound() {
    omarIsAwayAndNobodyHasAnArchive();
    for (int i = 0; i < ChatDomain.MOST_OFFLINE; i++) {
      nina.says(chat("omar@localhost", "m" + i));
    }
    assertThat(nina.takes("message")).isEmpty();
    assertOnlyFriendsHearOf("too much");
  }

  @Test
  @Spec(doc = "latchkey", rule = "what waits has a bound in octets; a stranger hears nothing of it")
  void whatWaitsHasABoundInOctets() {
    omarIsAwayAndNobodyHasAnArchive();
    ChatDomain.Client stranger = domain.online("pia", "y");
    stranger.says(chat("omar@localhost", "x".repeat(ChatDomain.MOST_OCTETS - 1000)));
    assertOnlyFriendsHearOf("y".repeat(1000));
    nina.says(chat("omar@localhost", "short"));
    assertThat(nina.takes("message")).isEmpty();
  }

  private void omarIsAwayAndNobodyHasAnArchive() {
    domain.befriend(nina, omar);
    for (ChatDomain.Client client : List.of(nina, omar)) {
      client.ask(
          "<iq type='set' id='p'><prefs xmlns='urn:xmpp:mam:2' default='never'><always/><never/>"
              + "</prefs></iq>");
    }
    omar.leaves();
    nina.heard.clear();
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 5",
      rule = "one's own archive and devices do not tell an account that is full from none")
  void aSendersArchiveDoesNotTellAFullAccountFromNone() {
    omarIsAwayAndNobodyHasAnArchive();
    for (int i = 0; i < ChatDomain.MOST_OFFLINE; i++) {
      nina.says(chat("omar@localhost", "m" + i));
    }
    ChatDomain.Client stranger = domain.online("pia", "x");
    ChatDomain.Client other = withCarbons("pia", "y");
    stranger.heard.clear();
    for (String receiver : List.of("omar", "nobody")) {
      stranger.says(chat(receiver + "@localhost", "to " + receiver));
    }

    assertThat(stranger.heard).isEmpty();
    List<Element> copies = other.takes("message");
    assertThat(copies).hasSize(2).allMatch(copy -> copy.toXml().contains("urn:xmpp:sid:0"));
    assertThat(stranger.archived()).containsExactly("to omar", "to nobody");
  }

  @Test
  @Spec(
      doc = "XEP-0313",
      section = "5.1.1",
      rule = "what one sent is in one's archive, whatever became of it")
  void aSenderKeepsWhatAFullFriendDoesNotGet() {
    omarIsAwayAndNobodyHasAnArchive();
    for (int i = 0; i < ChatDomain.MOST_OFFLINE; i++) {
      nina.says(chat("omar@localhost", "m" + i));
    }
    nina.ask(
        "<iq type='set' id='p'><prefs xmlns='urn:xmpp:mam:2' default='always'><always/><never/>"
            + "</prefs></iq>");
    assertOnlyFriendsHearOf("too much");
    assertThat(nina.archived()).containsExactly("too much");
  }

  private void assertOnlyFriendsHearOf(String tooMuch) {
    nina.says(chat("omar@localhost", tooMuch));
    assertThat(conditions(nina.takes("message"))).containsExactly("service-unavailable");
    ChatDomain.Client stranger = domain.online("pia", "x");
    stranger.says(chat("omar@localhost", tooMuch));
    assertThat(stranger.heard).isEmpty();
  }

  @Test
  @Spec(doc = "XEP-0280", section = "6", rule = "each device sees both sides, once")
  void otherDevicesSeeBothSidesOnce() {
    ChatDomain.Client tablet = withCarbons("nina", "tablet");
    ChatDomain.Client laptop = withCarbons("omar", "laptop");
    nina.says(chat("omar@localhost/desk", "to one"));
    assertThat(omar.takesTexts()).containsExactly("to one");
    assertThat(laptop.takesTexts()).containsExactly("received: to one");
    assertThat(tablet.takesTexts()).containsExactly("sent: to one");
    assertThat(nina.takesTexts()).isEmpty();
    nina.says(chat("omar@localhost", "to all"));
    assertThat(omar.takesTexts()).containsExactly("to all");
    assertThat(laptop.takesTexts()).containsExactly("to all");
  }

  private ChatDomain.Client withCarbons(String name, String resource) {
    ChatDomain.Client client = domain.online(name, resource);
    client.ask("<iq type='set' id='c'><enable xmlns='urn:xmpp:carbons:2'/></iq>");
    nina.heard.clear();
    omar.heard.clear();
    return client;
  }

  @Test
  @Spec(doc = "XEP-0280", section = "9", rule = "copies of copies are not made, private is private")
  void carbonsDoNotLoopAndPrivateIsPrivate() {
    ChatDomain.Client tablet = withCarbons("nina", "tablet");
    ChatDomain.Client laptop = withCarbons("omar", "laptop");
    nina.says(
        "<message to='omar@localhost/desk' type='chat'><sent xmlns='urn:xmpp:carbons:2'>"
            + "<forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client'>"
            + "<body>forged</body></message></forwarded></sent></message>");
    nina.says(
        "<message to='omar@localhost/desk' type='chat'><body>psst</body>"
            + "<private xmlns='urn:xmpp:carbons:2'/><no-copy xmlns='urn:xmpp:hints'/></message>");
    assertThat(omar.takes("message")).hasSize(2);
    assertThat(laptop.heard).isEmpty();
    assertThat(tablet.heard).isEmpty();
  }

  @Test
  @Spec(doc = "XEP-0280", section = "5", rule = "what is switched off comes no more")
  void carbonsCanBeSwitchedOff() {
    ChatDomain.Client laptop = withCarbons("omar", "laptop");
    laptop.ask("<iq type='set' id='d'><disable xmlns='urn:xmpp:carbons:2'/></iq>");
    nina.says(chat("omar@localhost/desk", "x"));
    assertThat(laptop.heard).isEmpty();
  }

  @Test
  @Spec(doc = "XEP-0386", section = "3", rule = "carbons can be asked for while binding")
  void carbonsCanBeAskedForWhileBinding() {
    ChatDomain.Client laptop =
        domain.connect("omar", "laptop", ChatDomain.xml("<enable xmlns='urn:xmpp:carbons:2'/>"));
    nina.says(chat("omar@localhost/desk", "x"));
    assertThat(laptop.takesTexts()).containsExactly("received: x");
  }

  @Test
  @Spec(doc = "RFC 6121", section = "8", rule = "a stanza to oneself arrives, and is kept once")
  void aMessageToOneselfArrivesOnceAndIsKeptOnce() {
    ChatDomain.Client tablet = withCarbons("nina", "tablet");
    nina.says(chat("nina@localhost", "note"));
    assertThat(nina.takesTexts()).containsExactly("note");
    assertThat(tablet.takesTexts()).containsExactly("note");
    assertThat(nina.archived()).containsExactly("note");
    nina.says("<message type='chat'><body>to nobody</body></message>");
    assertThat(nina.takesTexts()).containsExactly("to nobody");
  }

  @Test
  @Spec(doc = "XEP-0313", section = "3", rule = "both sides find the same history on every device")
  void bothSidesFindTheSameHistory() {
    nina.says(chat("omar@localhost", "one"));
    omar.says(chat("nina@localhost/phone", "two"));
    nina.heard.clear();
    omar.heard.clear();
    ChatDomain.Client tablet = domain.connect("nina", "tablet");
    assertThat(nina.archived()).containsExactly("one", "two");
    assertThat(tablet.archived()).containsExactly("one", "two");
    assertThat(omar.archived()).containsExactly("one", "two");
  }

  @Test
  @Spec(doc = "XEP-0359", section = "3", rule = "ids of ours that others made up are removed")
  void forgedStanzaIdsAreReplacedByTheRealOne() {
    nina.says(
        "<message to='omar@localhost' type='chat'><body>x</body>"
            + "<stanza-id xmlns='urn:xmpp:sid:0' by='omar@localhost' id='forged'/>"
            + "<stanza-id xmlns='urn:xmpp:sid:0' by='OMAR@localhost' id='forged'/></message>");
    Element message = omar.takes("message").getFirst();
    Optional<ArchiveEnds> ends = domain.messages.ends(domain.id("omar"));
    assertThat(
            message.children("stanza-id", "urn:xmpp:sid:0").map(s -> s.attribute("id").orElse("")))
        .containsExactly(ends.orElseThrow().last().text());
  }

  @Test
  @Spec(
      doc = "XEP-0359",
      section = "3",
      rule = "they are removed also where no id takes their place, in copies and in the archive")
  void forgedStanzaIdsAreNowhere() {
    ChatDomain.Client tablet = domain.connect("nina", "tablet");
    tablet.ask("<iq type='set' id='c'><enable xmlns='urn:xmpp:carbons:2'/></iq>");
    omar.ask("<iq type='set' id='p'><prefs xmlns='urn:xmpp:mam:2' default='never'/></iq>");
    String forged = "<stanza-id xmlns='urn:xmpp:sid:0' by='%s@localhost' id='forged'/>";
    nina.says(
        "<message to='omar@localhost' type='chat'><body>x</body>%s%s</message>"
            .formatted(forged.formatted("nina"), forged.formatted("omar")));
    assertThat(omar.takes("message"))
        .singleElement()
        .satisfies(it -> assertThat(it.child("stanza-id", "urn:xmpp:sid:0")).isEmpty());
    nina.ask("<iq type='set' id='q'><query xmlns='urn:xmpp:mam:2'/></iq>");
    assertThat(Stream.concat(tablet.takes("message").stream(), nina.takes("message").stream()))
        .hasSize(2)
        .allSatisfy(it -> assertThat(it.toXml()).contains("<body>").doesNotContain("forged"));
  }

  @Test
  @Spec(doc = "XEP-0313", section = "7", rule = "an archive is its owner's alone")
  void aForeignArchiveIsLikeNone() {
    String form = "<iq type='set' id='q' to='%s@localhost'><query xmlns='urn:xmpp:mam:2'/></iq>";
    domain.befriend(nina, omar);
    assertThat(unnamed(nina.ask(form.formatted("omar")), "omar"))
        .isEqualTo(unnamed(nina.ask(form.formatted("nobody")), "nobody"));
    assertThat(nina.heard).isEmpty();
  }

  private static String unnamed(Element stanza, String name) {
    return stanza.toXml().replace(name + "@", "X@");
  }

  @Test
  @Spec(
      doc = "XEP-0386",
      section = "4",
      rule = "binding clears what the archive holds, nothing else")
  void bindingInlineClearsOnlyWhatTheArchiveHolds() {
    omar.leaves();
    nina.says(chat("omar@localhost", "kept"));
    nina.says(
        "<message to='omar@localhost' type='chat'><body>passing</body>"
            + "<no-permanent-store xmlns='urn:xmpp:hints'/></message>");
    ChatDomain.Client back = domain.connect("omar", "desk");
    Element metadata = domain.backend.bindInline(back.identity()).getFirst();
    assertThat(metadata.child("end", "urn:xmpp:mam:2")).isPresent();
    back.says("<presence/>");
    assertThat(back.takesTexts()).containsExactly("passing");
    assertThat(back.archived()).containsExactly("kept");
  }

  @Test
  @Spec(doc = "RFC 6120", section = "10.4", rule = "there is no way to other servers")
  void anotherServerIsNotFound() {
    for (String stanza : List.of("message", "presence", "iq")) {
      nina.says(
          "<%s to='somebody@elsewhere.example' id='x' %s><q xmlns='urn:x'/></%s>"
              .formatted(stanza, stanza.equals("iq") ? "type='get'" : "", stanza));
    }
    assertThat(conditions(nina.heard))
        .containsExactly(
            "remote-server-not-found", "remote-server-not-found", "remote-server-not-found");
  }

  @Test
  @Spec(doc = "RFC 6120", section = "8.3.1", rule = "errors are not answered with errors")
  void errorsAreNotAnswered() {
    nina.says("<message type='error' to='nobody@localhost/x'><body>x</body></message>");
    nina.says("<iq type='result' id='1' to='nobody@localhost/x'/>");
    nina.says("<iq type='error' id='1' to='localhost'/>");
    nina.says("<iq type='result' id='1'/>");
    assertThat(nina.heard).isEmpty();
  }
}
