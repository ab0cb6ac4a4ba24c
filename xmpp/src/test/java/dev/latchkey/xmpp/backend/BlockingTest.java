// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.backend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.chat.roster.Roster;
import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// XEP-0191: who is blocked meets an account that does not exist.
class BlockingTest {
  private final ChatDomain domain = new ChatDomain("nina", "omar");
  private final ChatDomain.Client nina = domain.online("nina", "phone");
  private final ChatDomain.Client omar = domain.online("omar", "desk");

  private void block() {
    block("omar@localhost");
  }

  private void block(String address) {
    nina.ask(
        "<iq type='set' id='b'><block xmlns='urn:xmpp:blocking'><item jid='%s'/></block></iq>"
            .formatted(address));
  }

  @Test
  @Spec(
      doc = "XEP-0191",
      section = "3.3",
      rule = "who is blocked sees everybody go, and nobody come")
  void whoIsBlockedSeesEverybodyGo() {
    domain.befriend(nina, omar);
    block();
    assertThat(omar.takesPresence()).containsExactly("nina/phone unavailable");
    nina.says("<presence><status>hidden</status></presence>");
    nina.says("<presence type='unavailable'/>");
    nina.says("<presence/>");
    assertThat(omar.heard).isEmpty();
    nina.heard.clear();
    omar.heard.clear();
    omar.says("<presence><status>unheard</status></presence>");
    assertThat(nina.heard).isEmpty();
    omar.heard.clear();
    nina.ask("<iq type='set' id='u'><unblock xmlns='urn:xmpp:blocking'/></iq>");
    assertThat(omar.takesPresence()).containsExactly("nina/phone available");
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 5",
      rule = "a block looks like an account that is not there")
  void whoIsBlockedHearsWhatNobodyWouldAnswer() {
    block();
    nina.heard.clear();
    List<String> forms =
        List.of(
            "<message id='1' type='chat' to='%s@localhost'><body>x</body></message>",
            "<message id='1' to='%s@localhost/phone'><body>x</body></message>",
            "<message id='1' type='groupchat' to='%s@localhost'><body>x</body></message>",
            "<iq type='get' id='2' to='%s@localhost'><vCard xmlns='vcard-temp'/></iq>",
            "<iq type='get' id='3' to='%s@localhost/phone'><ping xmlns='urn:xmpp:ping'/></iq>",
            "<iq type='get' id='4' to='%s@localhost'>"
                + "<query xmlns='http://jabber.org/protocol/disco#info'/></iq>",
            "<iq type='get' id='5' to='%s@localhost'><pubsub"
                + " xmlns='http://jabber.org/protocol/pubsub'><items node='n'/></pubsub></iq>",
            "<presence type='probe' to='%s@localhost'/>",
            "<presence type='unsubscribe' to='%s@localhost'/>",
            "<presence to='%s@localhost/phone'/>");
    for (String form : forms) {
      omar.says(form.formatted("nina"));
      List<String> blocked = heard("nina");
      omar.says(form.formatted("nobody"));
      assertThat(heard("nobody")).as(form).isEqualTo(blocked);
    }
    assertThat(nina.heard).isEmpty();
    assertThat(domain.messages.ends(domain.id("nina"))).isEmpty();
  }

  private List<String> heard(String name) {
    List<String> all = omar.heard.stream().map(s -> s.toXml().replace(name + "@", "X@")).toList();
    omar.heard.clear();
    return all;
  }

  @Test
  @Spec(doc = "XEP-0191", section = "3.3", rule = "one cannot send to whom one blocks")
  void sendingToWhomOneBlocksIsNotAcceptable() {
    block();
    nina.heard.clear();
    nina.says("<message to='omar@localhost/desk' type='chat'><body>x</body></message>");
    nina.says("<presence to='omar@localhost'/>");
    nina.says("<presence type='subscribe' to='omar@localhost'/>");
    nina.says("<iq type='get' id='1' to='omar@localhost/desk'><ping xmlns='urn:xmpp:ping'/></iq>");
    nina.says("<iq type='get' id='2' to='omar@localhost'><vCard xmlns='vcard-temp'/></iq>");
    assertThat(nina.heard)
        .hasSize(5)
        .allMatch(
            stanza ->
                stanza
                    .child("error", Namespaces.CLIENT)
                    .flatMap(e -> e.child("blocked", "urn:xmpp:blocking:errors"))
                    .isPresent());
    assertThat(omar.heard).isEmpty();
  }

  @Test
  @Spec(doc = "XEP-0191", section = "3.3", rule = "the other devices are told")
  void theOtherDevicesAreTold() {
    ChatDomain.Client tablet = domain.online("nina", "tablet");
    tablet.ask("<iq type='get' id='l'><blocklist xmlns='urn:xmpp:blocking'/></iq>");
    block();
    Element push = tablet.takes("iq").getFirst();
    assertThat(push.child("block", "urn:xmpp:blocking")).isPresent();
    assertThat(nina.takes("iq")).as("it did not ask for the list").isEmpty();
  }

  @Test
  @Spec(doc = "XEP-0191", section = "3.3", rule = "what whom one blocks asked before is not shown")
  void aStoredRequestOfWhoIsBlockedIsNotShown() {
    nina.leaves();
    omar.says("<presence type='subscribe' to='nina@localhost'/>");
    ChatDomain.Client back = domain.connect("nina", "tablet");
    back.says("<presence/>");
    assertThat(back.takesPresence()).contains("omar subscribe");
    back.ask(
        "<iq type='set' id='b'><block xmlns='urn:xmpp:blocking'>"
            + "<item jid='omar@localhost'/></block></iq>");
    back.leaves();
    ChatDomain.Client again = domain.connect("nina", "tablet");
    again.says("<presence/>");
    assertThat(again.takesPresence()).containsExactly("nina/tablet available");
  }

  @Test
  @Spec(
      doc = "XEP-0191",
      section = "3.3",
      rule = "a resource that is blocked alone sees no presence, the others do")
  void aBlockedResourceSeesNoPresence() {
    ChatDomain.Client couch = domain.online("omar", "couch");
    domain.befriend(nina, omar);
    omar.heard.clear();
    couch.heard.clear();
    block("omar@localhost/desk");
    assertThat(omar.takesPresence()).containsExactly("nina/phone unavailable");
    nina.says("<presence><status>hidden</status></presence>");
    nina.says("<presence to='omar@localhost'/>");
    domain.online("nina", "tablet").leaves();
    nina.says("<presence type='unavailable'/>");
    nina.says("<presence/>");
    assertThat(omar.heard).isEmpty();
    assertThat(couch.takesPresence())
        .containsExactly(
            "nina/phone available",
            "nina/phone available",
            "nina/tablet available",
            "nina/tablet unavailable",
            "nina/phone unavailable",
            "nina/phone available");
  }

  private void unblock() {
    nina.ask("<iq type='set' id='u'><unblock xmlns='urn:xmpp:blocking'/></iq>");
  }

  @Test
  @Spec(doc = "XEP-0191", section = "3.3", rule = "the server must not respond to probes")
  void aContactThatIsBlockedIsAnsweredNoProbe() {
    domain.befriend(nina, omar);
    block();
    omar.heard.clear();
    omar.says("<presence type='probe' to='nina@localhost'/>");
    assertThat(omar.heard).isEmpty();

    unblock();
    nina.leaves();
    omar.heard.clear();
    omar.says("<presence type='probe' to='nina@localhost'/>");
    assertThat(omar.heard).as("as if nobody is there").isEmpty();
  }

  @Test
  @Spec(doc = "XEP-0191", section = "3.4", rule = "who unblocks a contact sees it as it is now")
  void whoUnblocksAContactSeesWhoIsThere() {
    domain.befriend(nina, omar);
    ChatDomain.Client away = domain.connect("nina", "away");
    block();
    nina.heard.clear();
    omar.says("<presence><show>dnd</show></presence>");
    assertThat(nina.heard).isEmpty();
    unblock();
    List<Element> shown = nina.takes("presence");
    assertThat(shown).hasSize(1);
    assertThat(shown.getFirst().child("show", Namespaces.CLIENT).map(Element::text))
        .contains("dnd");
    assertThat(away.takesPresence()).as("it is not available").isEmpty();

    block();
    omar.leaves();
    assertThat(nina.heard).isEmpty();
    unblock();
    assertThat(nina.takesPresence()).containsExactly("omar unavailable");
  }

  @Test
  @Spec(doc = "XEP-0191", section = "3.4", rule = "who unblocks one resource sees that one")
  void whoUnblocksAResourceSeesThatOne() {
    domain.befriend(nina, omar);
    ChatDomain.Client couch = domain.online("omar", "couch");
    block("omar@localhost/desk");
    nina.heard.clear();
    unblock();
    assertThat(nina.takesPresence()).containsExactly("omar/desk available");
    block("omar@localhost/desk");
    omar.leaves();
    unblock();
    assertThat(nina.takesPresence()).containsExactly("omar/desk unavailable");
    assertThat(couch.jid()).isNotEqualTo(omar.jid());
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 5",
      rule = "who unblocks sees nothing of a stranger, and of whom blocks it that nobody is there")
  void whoUnblocksSeesNobodyWhomItMayNotSee() {
    block();
    nina.heard.clear();
    unblock();
    assertThat(nina.takesPresence()).as("of a stranger").isEmpty();

    domain.befriend(nina, omar);
    block();
    omar.ask(
        "<iq type='set' id='b'><block xmlns='urn:xmpp:blocking'>"
            + "<item jid='nina@localhost'/></block></iq>");
    nina.heard.clear();
    unblock();
    assertThat(nina.takesPresence()).containsExactly("omar unavailable");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<presence type='unsubscribe' to='nina@localhost'/>"
            + "<presence type='unsubscribed' to='nina@localhost'/>",
        "<iq type='set' id='r'><query xmlns='jabber:iq:roster'>"
            + "<item jid='nina@localhost' subscription='remove'/></query></iq>"
      })
  @Spec(
      doc = "RFC 6121",
      section = "3.3",
      rule = "a subscription ends on both sides, also while its end may not be heard")
  void aSubscriptionEndsWhileItIsBlocked(String ends) {
    domain.befriend(nina, omar);
    block();
    nina.heard.clear();
    omar.heard.clear();
    ChatDomain.xml("<all xmlns='jabber:client'>%s</all>".formatted(ends))
        .children()
        .forEach(stanza -> omar.says(stanza.toXml()));

    assertThat(nina.takesPresence()).as("what is blocked is not heard").isEmpty();
    assertThat(omar.takesPresence()).as("nor answered").isEmpty();
    Roster roster = domain.rosters.load(domain.id("nina"));
    assertThat(roster.watchers()).isEmpty();
    assertThat(roster.watched()).isEmpty();
    assertThat(roster.listed()).as("her contact stays").hasSize(1);
    assertThat(nina.takes("iq").getLast().toXml()).contains("subscription='none'");
    unblock();
    assertThat(omar.takesPresence()).isEmpty();
  }

  @Test
  @Spec(
      doc = "XEP-0191",
      section = "3.3",
      rule = "a resource that is blocked alone is not shown who is there")
  void aBlockedResourceIsNotShownWhoIsThere() {
    block("omar@localhost/desk");
    domain.befriend(nina, omar);
    domain.online("nina", "tablet");
    assertThat(omar.takesPresence()).isEmpty();
    omar.says("<presence type='unsubscribe' to='nina@localhost'/>");
    omar.says("<presence type='subscribe' to='nina@localhost'/>");
    nina.says("<presence type='subscribed' to='omar@localhost'/>");
    assertThat(omar.takesPresence()).doesNotContain("nina/phone available");
  }

  @Test
  @Spec(
      doc = "XEP-0191",
      section = "3.3",
      rule = "who is blocked hears no end of what it was not told, or is told no more")
  void whoWasRefusedPresenceDoesNotHearTheEnd() {
    block();
    nina.says("<presence to='omar@localhost/desk'/>");
    nina.leaves();
    assertThat(omar.heard).isEmpty();

    ChatDomain.Client tablet = domain.online("nina", "tablet");
    tablet.ask("<iq type='set' id='u'><unblock xmlns='urn:xmpp:blocking'/></iq>");
    tablet.says("<presence to='omar@localhost/desk'/>");
    assertThat(omar.takesPresence()).containsExactly("nina/tablet available");
    tablet.ask(
        "<iq type='set' id='b'><block xmlns='urn:xmpp:blocking'>"
            + "<item jid='omar@localhost'/></block></iq>");
    assertThat(omar.takesPresence()).as("at once").containsExactly("nina/tablet unavailable");
    tablet.leaves();
    assertThat(omar.heard).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"omar@localhost", "omar@localhost/desk"})
  @Spec(
      doc = "XEP-0191",
      section = "3.3",
      rule = "who was told in particular sees who is there go, once")
  void whoWasToldInParticularSeesOneGo(String told) {
    ChatDomain.Client silent = domain.connect("nina", "silent");
    nina.says("<presence to='%s'/>".formatted(told));
    silent.says("<presence to='%s'/>".formatted(told));
    omar.heard.clear();

    block();

    assertThat(omar.takesPresence())
        .containsExactlyInAnyOrder("nina/phone unavailable", "nina/silent unavailable");
  }

  @Test
  @Spec(
      doc = "XEP-0191",
      section = "3.4",
      rule = "who was told in particular is told nothing when it is blocked no more")
  void whoWasToldInParticularIsNotToldAgain() {
    nina.says("<presence to='omar@localhost'/>");
    block();
    omar.heard.clear();

    nina.ask("<iq type='set' id='u'><unblock xmlns='urn:xmpp:blocking'/></iq>");
    nina.says("<presence><status>here</status></presence>");
    nina.leaves();

    assertThat(omar.heard).isEmpty();
  }

  @Test
  @Spec(
      doc = "XEP-0191",
      section = "3.3",
      rule = "a contact that was told in particular, too, sees each device go once")
  void aContactThatWasToldInParticularSeesOneGoOnce() {
    domain.befriend(nina, omar);
    ChatDomain.Client silent = domain.connect("nina", "silent");
    for (ChatDomain.Client client : List.of(nina, silent)) {
      client.says("<presence to='omar@localhost/desk'/>");
    }
    omar.heard.clear();

    block();

    assertThat(omar.takesPresence())
        .containsExactlyInAnyOrder("nina/phone unavailable", "nina/silent unavailable");
  }

  @Test
  @Spec(
      doc = "XEP-0191",
      section = "3.3",
      rule = "of those that were told, a resource that is blocked alone sees one go, alone")
  void aBlockedResourceThatWasToldSeesOneGoAlone() {
    ChatDomain.Client couch = domain.online("omar", "couch");
    nina.says("<presence to='omar@localhost'/>");
    omar.heard.clear();
    couch.heard.clear();

    block("omar@localhost/desk");
    assertThat(omar.takesPresence()).containsExactly("nina/phone unavailable");
    assertThat(couch.heard).isEmpty();

    block("omar@localhost");
    assertThat(omar.heard).as("it was blocked before").isEmpty();
    assertThat(couch.takesPresence()).containsExactly("nina/phone unavailable");
  }

  @Test
  @Spec(
      doc = "XEP-0191",
      section = "3.3",
      rule = "a resource that was blocked before sees nobody go when all are, or may know no more")
  void aBlockedResourceSeesNobodyGoTwice() {
    ChatDomain.Client couch = domain.online("omar", "couch");
    domain.befriend(nina, omar);
    block("omar@localhost/desk");
    omar.heard.clear();
    couch.heard.clear();

    nina.says("<presence type='unsubscribed' to='omar@localhost'/>");
    assertThat(omar.takesPresence()).doesNotContain("nina/phone unavailable");
    assertThat(couch.takesPresence()).contains("nina/phone unavailable");
  }
}
