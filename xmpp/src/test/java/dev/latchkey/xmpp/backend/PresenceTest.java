// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.backend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.chat.roster.Roster;
import dev.latchkey.chat.roster.RosterChange;
import dev.latchkey.chat.roster.RosterItem;
import dev.latchkey.chat.roster.Subscription;
import dev.latchkey.chat.stanza.PresenceType;
import dev.latchkey.credential.AccountId;
import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// RFC 6121 §3 and §4 between two people of one server.
class PresenceTest {
  private final ChatDomain domain = new ChatDomain("nina", "omar", "pia");
  private final ChatDomain.Client nina = domain.online("nina", "phone");
  private final ChatDomain.Client omar = domain.online("omar", "desk");

  @Test
  @Spec(doc = "RFC 6121", section = "3.1", rule = "asked and granted, presence flows at once")
  void askedAndGrantedPresenceFlows() {
    nina.says("<presence type='subscribe' to='omar@localhost' id='s1'/>");
    assertThat(omar.takesPresence()).containsExactly("nina subscribe");
    assertThat(pushes(nina)).containsExactly("omar none subscribe");
    assertThat(omar.heard).as("who only asks is in no roster").isEmpty();

    omar.says("<presence type='subscribed' to='nina@localhost'/>");
    assertThat(nina.takesPresence()).containsExactly("omar subscribed", "omar/desk available");
    assertThat(pushes(nina)).containsExactly("omar to -");
    assertThat(pushes(omar)).containsExactly("nina from -");
    assertThat(nina.heard).isEmpty();
    assertThat(omar.heard).isEmpty();
  }

  private static List<String> pushes(ChatDomain.Client client) {
    return client.takes("iq").stream()
        .flatMap(iq -> iq.child("query", "jabber:iq:roster").stream())
        .flatMap(Element::children)
        .map(
            item ->
                "%s %s %s"
                    .formatted(
                        item.attribute("jid").orElse("?").replace("@localhost", ""),
                        item.attribute("subscription").orElse("?"),
                        item.attribute("ask").orElse("-")))
        .toList();
  }

  @Test
  @Spec(doc = "RFC 6121", section = "3.1.3", rule = "a request waits until it is answered")
  void aRequestIsShownAgainAtEachLogin() {
    omar.leaves();
    nina.says(
        "<presence type='subscribe' to='omar@localhost'><status>It is me</status></presence>");
    for (int login = 0; login < 2; login++) {
      ChatDomain.Client back = domain.connect("omar", "new");
      back.says("<presence/>");
      List<Element> requests =
          back.takes("presence").stream()
              .filter(p -> p.attribute("type").filter("subscribe"::equals).isPresent())
              .toList();
      assertThat(requests).hasSize(1);
      assertThat(requests.getFirst().child("status", Namespaces.CLIENT).map(Element::text))
          .contains("It is me");
      back.leaves();
    }
  }

  @Test
  @Spec(doc = "RFC 6121", section = "3.1.3", rule = "nothing tells an account from none")
  void askingNobodyLooksLikeAskingSomebodyWhoIsAway() {
    omar.leaves();
    nina.takesPresence();
    nina.says("<presence type='subscribe' to='omar@localhost'/>");
    List<String> away = nina.heard.stream().map(PresenceTest::unnamed).toList();
    nina.heard.clear();
    nina.says("<presence type='subscribe' to='nobody@localhost'/>");
    assertThat(nina.heard.stream().map(PresenceTest::unnamed)).isEqualTo(away);
  }

  private static String unnamed(Element stanza) {
    return stanza.toXml().replaceAll("(omar|nobody)@", "X@").replaceAll("(id|ver)='[^']*'", "$1");
  }

  @Test
  @Spec(doc = "RFC 6121", section = "3.4", rule = "who was approved before is let in unasked")
  void whoIsApprovedBeforeSeesAtOnce() {
    omar.says("<presence type='subscribed' to='nina@localhost'/>");
    assertThat(nina.heard).isEmpty();
    nina.says("<presence type='subscribe' to='omar@localhost'/>");
    assertThat(nina.takesPresence()).containsExactly("omar subscribed", "omar/desk available");
    assertThat(omar.takesPresence()).as("he said it before: he is not asked").isEmpty();
  }

  @Test
  @Spec(
      doc = "RFC 6121",
      section = "3.1.3",
      rule = "who asks for what it has, and knows nothing of, is told so and shown it")
  void whoAsksForWhatItHasIsShownIt() {
    RosterChange asked =
        domain
            .rosters
            .load(domain.id("omar"))
            .inbound(
                PresenceType.SUBSCRIBE,
                nina.bare().jid(),
                ChatDomain.xml("<presence type='subscribe'/>"),
                domain.clock.instant());
    domain.rosters.save(domain.id("omar"), asked);
    domain.rosters.save(
        domain.id("omar"),
        asked.after().outbound(PresenceType.SUBSCRIBED, nina.bare().jid(), domain.clock.instant()));
    nina.says("<presence type='subscribe' to='omar@localhost'/>");
    assertThat(nina.takesPresence()).containsExactly("omar subscribed", "omar/desk available");
    assertThat(omar.heard).isEmpty();
  }

  @Test
  @Spec(
      doc = "RFC 6121",
      section = "2.1.6",
      rule = "the last push says what stands, though another change was saved first")
  void aChangeThatWasOvertakenBringsNothingBack() {
    nina.says("<presence type='subscribe' to='omar@localhost'/>");
    omar.heard.clear();
    domain.faultyRosters.afterSaving.happens(
        () -> omar.says("<presence type='unsubscribed' to='nina@localhost'/>"));
    omar.says("<presence type='subscribed' to='nina@localhost'/>");
    assertThat(domain.rosters.load(domain.id("omar")).watchers()).isEmpty();
    assertThat(pushes(omar)).hasSize(2).containsOnly("nina none -");
    assertThat(pushes(nina)).last().isEqualTo("omar none -");
    assertThat(nina.takesPresence()).doesNotContain("omar/desk available");
  }

  @Test
  @Spec(doc = "RFC 6121", section = "3.2", rule = "who is shut out sees everybody go")
  void whoIsShutOutSeesEverybodyGo() {
    domain.befriend(nina, omar);
    omar.says("<presence type='unsubscribed' to='nina@localhost'/>");
    assertThat(nina.takesPresence())
        .containsExactlyInAnyOrder("omar unsubscribed", "omar/desk unavailable");
    omar.says("<presence><status>secret</status></presence>");
    assertThat(nina.takesPresence()).isEmpty();
    nina.says("<presence><status>still shown</status></presence>");
    assertThat(omar.takesPresence()).contains("nina/phone available");
  }

  @Test
  @Spec(doc = "RFC 6121", section = "2.5", rule = "removing a contact ends both subscriptions")
  void removingAContactEndsBothSubscriptions() {
    domain.befriend(nina, omar);
    nina.ask(
        "<iq type='set' id='r'><query xmlns='jabber:iq:roster'>"
            + "<item jid='omar@localhost' subscription='remove'/></query></iq>");
    assertThat(omar.takesPresence())
        .contains("nina unsubscribe", "nina unsubscribed", "nina/phone unavailable");
    Roster left = domain.rosters.load(domain.id("omar"));
    assertThat(left.watchers()).isEmpty();
    assertThat(left.watched()).isEmpty();
  }

  @Test
  @Spec(doc = "RFC 6121", section = "4.2", rule = "who comes sees who is there, and is seen")
  void whoComesSeesWhoIsThere() {
    domain.befriend(nina, omar);
    ChatDomain.Client tablet = domain.connect("nina", "tablet");
    assertThat(omar.heard).as("bound only").isEmpty();
    tablet.says("<presence/>");
    assertThat(tablet.takesPresence())
        .containsExactlyInAnyOrder(
            "nina/tablet available", "nina/phone available", "omar/desk available");
    assertThat(omar.takesPresence()).containsExactly("nina/tablet available");
    assertThat(nina.takesPresence()).containsExactly("nina/tablet available");
    tablet.leaves();
    assertThat(omar.takesPresence()).containsExactly("nina/tablet unavailable");
    assertThat(nina.takesPresence()).containsExactly("nina/tablet unavailable");
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 5", rule = "a probe tells a stranger nothing")
  void probesOfStrangersGetTheSameUnsubscribed() {
    nina.says("<presence type='probe' to='omar@localhost'/>");
    assertThat(nina.takesPresence()).containsExactly("omar unsubscribed");
    nina.says("<presence type='probe' to='nobody@localhost'/>");
    assertThat(nina.takesPresence()).containsExactly("nobody unsubscribed");
  }

  @ParameterizedTest
  @ValueSource(strings = {"nina@localhost", "nina@localhost/phone", "nina@localhost/other"})
  @Spec(doc = "RFC 6121", section = "4.3", rule = "one's own presence comes by itself")
  void nobodyIsRefusedTheirOwnPresence(String to) {
    nina.says("<presence type='probe' to='%s'/>".formatted(to));
    assertThat(nina.takesPresence()).isEmpty();
  }

  @Test
  @Spec(doc = "RFC 6121", section = "4.3", rule = "who may know is shown who is there")
  void probesOfContactsAreAnswered() {
    domain.befriend(nina, omar);
    nina.says("<presence type='probe' to='omar@localhost'/>");
    assertThat(nina.takesPresence()).containsExactly("omar/desk available");
  }

  @Test
  @Spec(doc = "RFC 6121", section = "4.6", rule = "who was told in particular hears the end")
  void whoWasToldInParticularHearsTheEnd() {
    nina.says("<presence to='omar@localhost/desk'/>");
    assertThat(omar.takesPresence()).containsExactly("nina/phone available");
    nina.leaves();
    assertThat(omar.takesPresence()).containsExactly("nina/phone unavailable");
  }

  @Test
  @Spec(
      doc = "RFC 6121",
      section = "4.6.6",
      rule = "so is a contact's resource that is connected and has not said that it is there, once")
  void whoWasToldInParticularHearsTheEndThoughNotAvailable() {
    domain.befriend(nina, omar);
    ChatDomain.Client quiet = domain.connect("omar", "quiet");
    ChatDomain.Client untold = domain.connect("omar", "untold");
    for (String desk : List.of("quiet", "desk")) {
      nina.says("<presence to='omar@localhost/%s'/>".formatted(desk));
    }
    nina.leaves();
    assertThat(quiet.takesPresence())
        .containsExactly("nina/phone available", "nina/phone unavailable");
    assertThat(omar.takesPresence())
        .containsExactly("nina/phone available", "nina/phone unavailable");
    assertThat(untold.heard).isEmpty();
  }

  @Test
  @Spec(doc = "RFC 6121", section = "4.7.1", rule = "types that do not exist are refused")
  void refusesPresenceOfAnUnknownType() {
    nina.says("<presence type='lurking'/>");
    Element error = nina.takes("presence").getFirst();
    assertThat(error.child("error", Namespaces.CLIENT).orElseThrow().children().toList())
        .anyMatch(c -> c.is("bad-request", Namespaces.STANZA_ERRORS));
  }

  @Test
  @Spec(doc = "RFC 6121", section = "4.7.2.3", rule = "a priority out of range is none")
  void prioritiesThatAreAbsurdCountAsNothing() {
    for (String absurd : List.of("2147483648", "-2147483648", "128", "1e9", "", "x", "٣")) {
      nina.says("<presence><priority>%s</priority></presence>".formatted(absurd));
      omar.says("<message to='nina@localhost' type='chat'><body>hello</body></message>");
      assertThat(nina.takesTexts()).as(absurd).containsExactly("hello");
    }
    nina.says("<presence><priority>-1</priority></presence>");
    omar.says("<message to='nina@localhost' type='chat'><body>later</body></message>");
    assertThat(nina.takesTexts()).isEmpty();
  }

  @Test
  @Spec(doc = "RFC 6121", section = "4.4", rule = "a storm of presence reaches only who may know")
  void aPresenceStormReachesOnlyContactsAndKeepsNothing() {
    ChatDomain.Client pia = domain.online("pia", "x");
    domain.befriend(nina, omar);
    for (int i = 0; i < 10_000; i++) {
      nina.says("<presence><status>%d</status></presence>".formatted(i));
    }
    assertThat(omar.takesPresence()).hasSize(10_000);
    assertThat(pia.heard).isEmpty();
    for (int i = 0; i < 10_000; i++) {
      nina.says("<presence to='somebody-%d@localhost'/>".formatted(i));
    }
    assertThat(domain.backend.accounts().size()).as("accounts in memory").isEqualTo(3);
    nina.leaves();
    assertThat(omar.takesPresence()).containsExactly("nina/phone unavailable");
  }

  @Test
  @Spec(doc = "RFC 6121", section = "3.1", rule = "nobody subscribes to themselves")
  void subscribingToOneselfChangesNothing() {
    for (String type : List.of("subscribe", "subscribed", "unsubscribe", "unsubscribed")) {
      nina.says("<presence type='%s' to='nina@localhost/other'/>".formatted(type));
    }
    assertThat(domain.rosters.load(domain.id("nina")).all()).isEmpty();
  }

  @Test
  @Spec(
      doc = "XEP-0352",
      section = "5",
      rule = "presence waits while nobody looks, the last counts")
  void presenceWaitsWhileNobodyLooks() {
    domain.befriend(nina, omar);
    assertThat(nina.saysOther("<inactive xmlns='urn:xmpp:csi:0'/>")).isTrue();
    omar.says("<presence><show>away</show></presence>");
    omar.says("<presence><show>dnd</show></presence>");
    omar.says(
        "<message to='nina@localhost' type='chat'>"
            + "<composing xmlns='http://jabber.org/protocol/chatstates'/></message>");
    assertThat(nina.heard).isEmpty();
    omar.says("<message to='nina@localhost' type='chat'><body>look</body></message>");
    assertThat(nina.heard).hasSize(2);
    assertThat(nina.heard.getFirst().child("show", Namespaces.CLIENT).map(Element::text))
        .contains("dnd");
    assertThat(nina.saysOther("<active xmlns='urn:xmpp:csi:0'/>")).isTrue();
    omar.says("<presence/>");
    assertThat(nina.takesPresence()).hasSize(2);
    assertThat(nina.saysOther("<sleeping xmlns='urn:xmpp:csi:0'/>")).isFalse();
  }

  @Test
  @Spec(doc = "RFC 6121", section = "3.2", rule = "a deleted account ends every subscription to it")
  void whoKnewADeletedAccountIsTold() {
    domain.befriend(nina, omar);
    omar.leaves();
    nina.heard.clear();
    domain.delete("omar");
    assertThat(nina.takesPresence()).contains("omar unsubscribe", "omar unsubscribed");
    Roster roster = domain.rosters.load(domain.id("nina"));
    assertThat(roster.watchers()).isEmpty();
    assertThat(roster.watched()).isEmpty();
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 4",
      rule = "who has the name before the old one is forgotten is nobody's contact either")
  void whoIsGivenANameAtOnceIsNobodysContact() {
    domain.befriend(nina, omar);
    AccountId old = domain.giveAwayAtOnce("omar");
    omar.leaves();

    domain.backend.forget(old, omar.bare());

    assertThat(nina.takesPresence()).contains("omar unsubscribe", "omar unsubscribed");
    ChatDomain.Client heir = domain.online("omar", "desk");
    nina.says("<presence><status>for friends</status></presence>");
    assertThat(heir.takesPresence()).isEmpty();
    assertThat(domain.rosters.load(domain.id("nina")).watchers()).isEmpty();
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 4",
      rule = "what is left of the old one takes nothing from who has the name now")
  void whatIsLeftOfTheOldOneTakesNothingFromTheNext() {
    domain.befriend(nina, omar);
    AccountId old = domain.id("omar");
    domain.giveAway("omar");
    omar.leaves();
    ChatDomain.Client heir = domain.online("omar", "desk");
    domain.befriend(nina, heir);

    domain.backend.forget(old, omar.bare()); // again, as after a crash

    assertThat(nina.heard).isEmpty();
    nina.says("<presence><status>for friends</status></presence>");
    assertThat(heir.takesPresence()).containsExactly("nina/phone available");
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 4",
      rule = "who is given a name was approved by nobody, whatever its last owner was")
  void whoIsGivenADeletedAccountsNameIsNotApproved() {
    omar.says("<presence type='subscribed' to='nina@localhost'/>");
    domain.giveAway("nina");
    ChatDomain.Client heir = domain.online("nina", "hers");
    heir.says("<presence type='subscribe' to='omar@localhost'/>");
    assertThat(heir.takesPresence()).isEmpty();
    assertThat(omar.takesPresence()).containsExactly("nina subscribe");
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 4",
      rule = "who had a deleted account as a contact has a name that means nobody")
  void aContactWhoseAccountIsDeletedStaysWithItsName() {
    omar.says("<presence type='subscribed' to='nina@localhost'/>");
    domain.befriend(nina, omar);
    omar.ask(
        "<iq type='set' id='n'><query xmlns='jabber:iq:roster'>"
            + "<item jid='nina@localhost' name='N'><group>G</group></item></query></iq>");
    nina.leaves();
    omar.heard.clear();
    domain.giveAway("nina");

    assertThat(omar.takesPresence()).containsExactly("nina unsubscribe", "nina unsubscribed");
    assertThat(pushes(omar)).containsExactly("nina none -");
    assertThat(domain.rosters.load(domain.id("omar")).listed())
        .containsExactly(
            RosterItem.listed(nina.bare().jid(), "N", List.of("G"), Subscription.NONE));
    domain.online("nina", "hers").says("<presence type='subscribe' to='omar@localhost'/>");
    assertThat(omar.takesPresence()).containsExactly("nina subscribe");
  }

  @Test
  @Spec(
      doc = "XEP-0191",
      section = "3.3",
      rule = "of whom one blocks nothing is heard, its end included")
  void theEndOfAnAccountThatIsBlockedIsNotHeard() {
    domain.befriend(nina, omar);
    omar.ask(
        "<iq type='set' id='b'><block xmlns='urn:xmpp:blocking'>"
            + "<item jid='nina@localhost'/></block></iq>");
    omar.heard.clear();
    domain.delete("nina");
    assertThat(omar.takesPresence()).isEmpty();
    assertThat(pushes(omar)).containsExactly("nina none -");
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 4",
      rule = "a name that is given away has nothing of the old one")
  void aSessionThatOutlivesItsAccountDoesNotStandInForTheNextOwner() {
    domain.befriend(nina, omar);
    domain.giveAway("omar");
    omar.heard.clear();
    nina.says("<message to='omar@localhost' type='chat'><body>waits</body></message>");
    ChatDomain.Client next = domain.connect("omar", "desk");
    next.says("<presence/>");
    assertThat(next.takesTexts()).containsExactly("waits");
    nina.heard.clear();
    omar.says("<presence><status>still here</status></presence>");
    nina.says("<message to='omar@localhost' type='chat'><body>to the new one</body></message>");
    assertThat(nina.takesPresence()).isEmpty();
    assertThat(next.takesTexts()).containsExactly("to the new one");
    assertThat(omar.takesTexts()).isEmpty();
    omar.leaves();
    nina.says("<message to='omar@localhost' type='chat'><body>again</body></message>");
    assertThat(next.takesTexts()).containsExactly("again");
  }

  @Test
  @Spec(
      doc = "XEP-0352",
      section = "5.2",
      rule = "a session that is resumed is one that somebody looks at, until its client says other")
  void whoIsBackIsLookedAt() {
    domain.befriend(nina, omar);
    nina.saysOther("<inactive xmlns='urn:xmpp:csi:0'/>");
    omar.says("<presence><show>away</show></presence>");
    assertThat(nina.heard).isEmpty();
    nina.isBack();
    assertThat(nina.takesPresence()).as("held back").hasSize(1);
    omar.says("<presence><show>dnd</show></presence>");
    assertThat(nina.takesPresence()).hasSize(1);
    nina.saysOther("<inactive xmlns='urn:xmpp:csi:0'/>");
    omar.says("<presence/>");
    assertThat(nina.takesPresence()).isEmpty();
  }

  @Test
  @Spec(
      doc = "XEP-0352",
      section = "5.2",
      rule = "so is one that is resumed after the server was stopped; until then it waits on")
  void whoIsBackAfterARestartIsLookedAt() {
    domain.befriend(nina, omar);
    nina.saysOther("<inactive xmlns='urn:xmpp:csi:0'/>");
    omar.says("<presence><show>away</show></presence>");
    ChatDomain.Client revived = domain.afterARestart(nina);
    omar.says("<presence><show>dnd</show></presence>");
    assertThat(revived.heard).isEmpty();

    revived.isBack();

    assertThat(revived.takes("presence"))
        .extracting(held -> held.child("show", Namespaces.CLIENT).map(Element::text).orElse(""))
        .containsExactly("dnd");
    omar.says("<presence/>");
    assertThat(revived.takesPresence()).containsExactly("omar/desk available");
    revived.saysOther("<inactive xmlns='urn:xmpp:csi:0'/>");
    omar.says("<presence/>");
    assertThat(revived.takesPresence()).isEmpty();
    assertThat(nina.heard).as("the session of the server that was stopped").isEmpty();
  }
}
