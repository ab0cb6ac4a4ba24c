// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.journey;

import static dev.latchkey.cli.journey.CountingClient.enable;
import static dev.latchkey.cli.journey.CountingClient.hibernated;
import static dev.latchkey.cli.journey.CountingClient.resume;
import static dev.latchkey.cli.journey.RunningServer.DOMAIN;
import static dev.latchkey.cli.journey.RunningServer.NINA;
import static dev.latchkey.wire.element.Namespaces.STREAM_MANAGEMENT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.chat.history.Room;
import dev.latchkey.cli.journey.CountingClient.Attempt;
import dev.latchkey.cli.journey.CountingClient.Way;
import dev.latchkey.client.ClientStream;
import dev.latchkey.client.SaslOutcome;
import dev.latchkey.client.StreamErrorException;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.sasl.external.ExternalClient;
import dev.latchkey.server.Configuration;
import dev.latchkey.server.Configuration.Chat;
import dev.latchkey.server.admin.JsonLine;
import dev.latchkey.testkit.ManualClock;
import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import dev.latchkey.wire.management.StanzaCount;
import dev.latchkey.xmpp.session.ManagementPolicy;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Sessions whose clients are away: what they cost, how they end, and what becomes of what waited
/// in them.
class HibernationIT {
  private static final AccountJid OTTO = new AccountJid("otto", DOMAIN);
  private static final Duration LONGEST = Duration.ofMinutes(2);
  private static final int STANZAS = 12;
  private static final int PER_DEVICE = 2;
  private static final int SESSIONS = 4;
  private static final int OFFLINE = 60;

  @TempDir Path folder;

  private final ManualClock clock = new ManualClock(InstantSource.system().instant());
  private RunningServer server;

  @BeforeEach
  void start() throws Exception {
    server =
        RunningServer.in(
            folder,
            seams -> seams.with(clock).withRound(Duration.ofMillis(20)),
            HibernationIT::bounded);
  }

  private static Configuration bounded(Configuration whole) {
    Room room = whole.chat().room();
    return whole
        .with(
            new Chat(
                Optional.empty(), new Room(OFFLINE, room.waitingOctets(), room.archivedOctets())))
        .with(new ManagementPolicy(LONGEST, STANZAS, 100_000, PER_DEVICE, SESSIONS, 1 << 24));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private CountingClient enrolled(AccountJid account, String home) throws Exception {
    return CountingClient.enrolled(server, Way.SASL2, account, home);
  }

  private CountingClient again(String home) throws Exception {
    return CountingClient.signedIn(server, Way.SASL2, NINA, home, enable());
  }

  /// Whoever binds by Bind 2 reads in the archive what it missed (XEP-0386); others are handed it.
  private CountingClient olderClient(String home) throws Exception {
    return CountingClient.signedIn(server, Way.SASL1, NINA, home, enable());
  }

  private CountingClient available(AccountJid account, String home) throws Exception {
    CountingClient client = enrolled(account, home);
    client.says("<presence xmlns='jabber:client'/>");
    assertThat(client.everything()).isNotNull();
    return client;
  }

  private String device(String home) throws Exception {
    return server.home(home).account().device().value();
  }

  private static void befriend(CountingClient one, CountingClient other) {
    presence(one, "subscribe", other);
    presence(other, "subscribed", one);
    presence(other, "subscribe", one);
    presence(one, "subscribed", other);
    var _ = other.everything();
    var _ = one.everything();
  }

  private static void presence(CountingClient from, String type, CountingClient to) {
    from.says(
        "<presence xmlns='jabber:client' type='%s' to='%s'/>".formatted(type, to.jid().bare()));
    var _ = from.everything();
  }

  /// How a session ends without its client.
  enum End {
    TIMEOUT,
    KICKED,
    REVOKED
  }

  private void end(End how, CountingClient sleeper, String home) throws Exception {
    switch (how) {
      case TIMEOUT -> clock.advance(LONGEST.plusSeconds(1));
      case KICKED -> {
        var _ =
            server.admin(
                new JsonLine()
                    .with("command", "kick")
                    .with("account", sleeper.jid().bare().toString())
                    .with("resource", sleeper.jid().resource().orElseThrow().name()));
      }
      case REVOKED -> server.revoke(NINA, device(home));
    }
    Eventually.holds(() -> hibernated(server) == 0);
  }

  // What becomes of what waited.

  @ParameterizedTest
  @EnumSource(End.class)
  @Spec(
      doc = "XEP-0198",
      section = "5",
      rule = "What a session never acknowledged goes to another resource of the account")
  void whatWaitedGoesToAnotherDeviceThatIsThere(End how) throws Exception {
    CountingClient phone = available(NINA, "phone");
    CountingClient tablet = available(NINA, "tablet");
    CountingClient otto = enrolled(OTTO, "otto");
    phone.losesItsConnection(server);
    otto.chats(phone.jid(), "one");
    otto.chats(phone.jid(), "two");
    assertThat(otto.everything()).isEmpty();
    assertThat(tablet.bodies()).isEmpty();

    end(how, phone, "phone");

    List<Element> moved =
        tablet.until(all -> CountingClient.bodiesOf(all).size() >= 2).stream()
            .filter(stanza -> stanza.name().equals("message"))
            .toList();
    assertThat(CountingClient.bodiesOf(moved)).containsExactly("one", "two");
    assertThat(moved).allMatch(message -> message.child("delay", "urn:xmpp:delay").isPresent());
    assertThat(otto.everything()).isEmpty();
    assertThat(archived(tablet)).containsExactly("one", "two");
  }

  @ParameterizedTest
  @EnumSource(
      value = End.class,
      names = {"TIMEOUT", "KICKED"})
  @Spec(
      doc = "XEP-0198",
      section = "5",
      rule = "What a session never acknowledged waits if nobody else is there")
  void whatWaitedGoesOnWaitingForTheAccount(End how) throws Exception {
    CountingClient phone = available(NINA, "phone");
    CountingClient otto = enrolled(OTTO, "otto");
    otto.chats(NINA.jid(), "acknowledged");
    assertThat(otto.everything()).isEmpty();
    assertThat(phone.bodies()).containsExactly("acknowledged");
    phone.acknowledges();
    assertThat(phone.asks()).isNotNull();
    phone.losesItsConnection(server);
    otto.chats(NINA.jid(), "one");
    otto.chats(phone.jid(), "two");
    assertThat(otto.everything()).isEmpty();

    end(how, phone, "phone");

    CountingClient back = olderClient("phone");
    back.says("<presence xmlns='jabber:client'/>");
    assertThat(back.bodies(2)).containsExactly("one", "two");
    assertThat(archived(back)).containsExactly("acknowledged", "one", "two");
    assertThat(otto.everything()).isEmpty();
  }

  @Test
  @Spec(
      doc = "XEP-0198",
      section = "5",
      rule = "What another device was handed as well does not come twice")
  void whatAnotherDeviceHasDoesNotComeToItTwice() throws Exception {
    CountingClient phone = available(NINA, "phone");
    CountingClient tablet = available(NINA, "tablet");
    CountingClient otto = enrolled(OTTO, "otto");
    phone.losesItsConnection(server);
    otto.chats(NINA.jid(), "to both");
    assertThat(otto.everything()).isEmpty();
    assertThat(tablet.bodies()).containsExactly("to both");

    end(End.TIMEOUT, phone, "phone");

    assertThat(tablet.bodies()).isEmpty();
    CountingClient back = olderClient("phone");
    back.says("<presence xmlns='jabber:client'/>");
    assertThat(back.bodies()).isEmpty();
  }

  /// The bodies in the archive of a device's account.
  private static List<String> archived(CountingClient client) {
    client.says(
        "<iq xmlns='jabber:client' type='set' id='mam'><query xmlns='urn:xmpp:mam:2'/></iq>");
    return client.everything().stream()
        .flatMap(message -> message.child("result", "urn:xmpp:mam:2").stream())
        .flatMap(result -> result.child("forwarded", "urn:xmpp:forward:0").stream())
        .flatMap(forwarded -> forwarded.child("message", Namespaces.CLIENT).stream())
        .flatMap(message -> message.child("body", Namespaces.CLIENT).stream())
        .map(Element::text)
        .toList();
  }

  @ParameterizedTest
  @EnumSource(End.class)
  @Spec(doc = "XEP-0198", section = "5", rule = "Who asked a session that never answered is told")
  void aRequestThatWaitedIsAnswered(End how) throws Exception {
    CountingClient phone = available(NINA, "phone");
    CountingClient otto = enrolled(OTTO, "otto");
    phone.losesItsConnection(server);
    for (String type : List.of("get", "set")) {
      otto.says(
          "<iq xmlns='jabber:client' type='%s' id='%s' to='%s'><query xmlns='urn:example:any'/></iq>"
              .formatted(type, type, phone.jid()));
    }
    otto.says(
        "<iq xmlns='jabber:client' type='result' id='result' to='%s'/>".formatted(phone.jid()));
    assertThat(otto.everything()).isEmpty();

    end(how, phone, "phone");

    List<Element> answers = otto.until(all -> all.size() >= 2);
    assertThat(answers)
        .extracting(answer -> answer.attribute("id").orElse(""))
        .containsExactly("get", "set");
    assertThat(answers)
        .allSatisfy(
            answer -> {
              assertThat(answer.attribute("from")).contains(phone.jid().toString());
              assertThat(condition(answer)).isEqualTo("service-unavailable");
            });
  }

  private static String condition(Element stanza) {
    return stanza
        .child("error", Namespaces.CLIENT)
        .flatMap(error -> error.children().findFirst())
        .map(Element::name)
        .orElse("");
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 5",
      rule = "Only who may know that somebody is there hears that a message did not arrive")
  void whatMustNotBeKeptComesBackToAContactAndToNobodyElse() throws Exception {
    CountingClient phone = available(NINA, "phone");
    CountingClient friend = available(OTTO, "friend");
    CountingClient stranger = enrolled(new AccountJid("eve", DOMAIN), "eve");
    befriend(phone, friend);
    phone.losesItsConnection(server);
    for (CountingClient sender : List.of(friend, stranger)) {
      sender.says(
          ("<message xmlns='jabber:client' type='chat' id='m' to='%s'><body>now or never</body>"
                  + "<no-store xmlns='urn:xmpp:hints'/></message>")
              .formatted(phone.jid()));
      assertThat(sender.everything()).isEmpty();
    }

    end(End.TIMEOUT, phone, "phone");

    assertThat(
            friend.until(all -> all.stream().anyMatch(stanza -> stanza.name().equals("message"))))
        .filteredOn(stanza -> stanza.name().equals("message"))
        .singleElement()
        .satisfies(error -> assertThat(condition(error)).isEqualTo("service-unavailable"));
    assertThat(stranger.everything()).isEmpty();
    CountingClient back = olderClient("phone");
    back.says("<presence xmlns='jabber:client'/>");
    assertThat(back.bodies()).isEmpty();
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 47",
      rule = "A session that sleeps ends with its account, and a stranger hears nothing of it")
  void aSessionEndsWithItsAccount() throws Exception {
    CountingClient phone = available(NINA, "phone");
    CountingClient stranger = enrolled(OTTO, "otto");
    phone.losesItsConnection(server);
    stranger.chats(phone.jid(), "one");
    assertThat(stranger.everything()).isEmpty();

    var _ = server.admin(new JsonLine().with("command", "delete").with("account", NINA.toString()));

    assertThat(hibernated(server)).isZero();
    assertThat(stranger.everything()).isEmpty();
  }

  // While it sleeps.

  @Test
  @Spec(
      doc = "XEP-0198",
      section = "5",
      rule = "For others a session is there as long as it can be resumed")
  void contactsHearOfTheEndOfASessionNotOfItsConnection() throws Exception {
    CountingClient phone = available(NINA, "phone");
    CountingClient friend = available(OTTO, "friend");
    befriend(phone, friend);
    phone.losesItsConnection(server);
    assertThat(friend.everything()).isEmpty();
    var _ = phone.resumes();
    assertThat(friend.everything()).isEmpty();
    phone.losesItsConnection(server);

    end(End.TIMEOUT, phone, "phone");

    assertThat(friend.until(all -> !all.isEmpty()))
        .singleElement()
        .satisfies(
            gone -> {
              assertThat(gone.attribute("type")).contains("unavailable");
              assertThat(gone.attribute("from")).contains(phone.jid().toString());
            });
  }

  @Test
  void theOperatorSeesThatADeviceIsAwayAndHowManySleep() throws Exception {
    CountingClient phone = enrolled(NINA, "phone");
    assertThat(connected("phone")).isTrue();
    assertThat(hibernated(server)).isZero();

    phone.losesItsConnection(server);

    assertThat(connected("phone")).isFalse();
    assertThat(hibernated(server)).isEqualTo(1);
    var _ = phone.resumes();
    assertThat(connected("phone")).isTrue();
    assertThat(hibernated(server)).isZero();
  }

  private boolean connected(String home) throws Exception {
    String id = device(home);
    return server.devices(NINA).stream()
        .filter(line -> line.path("id").asText().equals(id))
        .anyMatch(line -> line.path("connected").asBoolean());
  }

  // How long, how much, how many.

  private static Element enableFor(String max) {
    return Element.named("enable", STREAM_MANAGEMENT)
        .attribute("resume", "true")
        .attribute("max", max)
        .build();
  }

  @Test
  @Spec(doc = "XEP-0198", section = "3", rule = "A client may ask for less time, not for more")
  void aClientMayAskForLessTime() throws Exception {
    server.enrol(server.invite(NINA), "phone");
    String most = Long.toString(LONGEST.toSeconds());
    for (String asked : List.of("100000", "4294967296", "-1", "soon")) {
      CountingClient phone =
          CountingClient.signedIn(server, Way.SASL2, NINA, "phone", enableFor(asked));
      assertThat(phone.enabled().attribute("max")).as(asked).contains(most);
      phone.stream().close();
    }
    CountingClient phone =
        CountingClient.signedIn(server, Way.SASL2, NINA, "phone", enableFor("60"));
    assertThat(phone.enabled().attribute("max")).contains("60");
    phone.losesItsConnection(server);
    clock.advance(Duration.ofSeconds(59));
    var _ = phone.resumes();
    phone.losesItsConnection(server);
    clock.advance(Duration.ofSeconds(60));

    Eventually.holds(() -> hibernated(server) == 0);
    assertThat(phone.tries(resume(phone.id(), "0")).condition()).isEqualTo("item-not-found");
  }

  @Test
  @Spec(
      doc = "XEP-0198",
      section = "5",
      rule = "After the end of a session its device still hears what was handled, nobody else")
  void whatWasHandledIsToldToTheDeviceAloneAfterTheEnd() throws Exception {
    CountingClient phone = enrolled(NINA, "phone");
    CountingClient tablet = enrolled(NINA, "tablet");
    CountingClient otto = enrolled(OTTO, "otto");
    phone.chats(otto.jid(), "one");
    phone.chats(otto.jid(), "two");
    assertThat(phone.asks().toString()).isEqualTo("2");
    phone.losesItsConnection(server);
    end(End.TIMEOUT, phone, "phone");

    Attempt own = phone.tries(resume(phone.id(), "0"));
    assertThat(own.condition()).isEqualTo("item-not-found");
    assertThat(own.answer().attribute("h")).contains("2");
    for (CountingClient other : List.of(tablet, otto)) {
      Attempt foreign = other.tries(resume(phone.id(), "0"));
      assertThat(foreign.condition()).isEqualTo("item-not-found");
      assertThat(foreign.answer().attribute("h")).isEmpty();
    }
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "design: what must always hold, 8",
      rule = "Of too many sessions of one device the one that has slept longest ends")
  void aDeviceHasABoundOfSessionsThatSleep() throws Exception {
    CountingClient oldest = enrolled(NINA, "phone");
    oldest.losesItsConnection(server);
    clock.advance(Duration.ofSeconds(1));
    CountingClient second = again("phone");
    second.losesItsConnection(server);
    clock.advance(Duration.ofSeconds(1));
    CountingClient third = again("phone");
    third.stream().connection().abort();

    Eventually.holds(
        () -> oldest.tries(resume(oldest.id(), "0")).answer().attribute("h").isPresent());
    assertThat(hibernated(server)).isEqualTo(PER_DEVICE);
    assertThat(second.resumes()).isEqualTo(StanzaCount.ZERO);
    assertThat(third.resumes()).isEqualTo(StanzaCount.ZERO);
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "design: what must always hold, 8",
      rule = "When as many sessions sleep as may, one more ends")
  void thereIsABoundOfSessionsThatSleep() throws Exception {
    for (int i = 0; i < SESSIONS; i++) {
      enrolled(NINA, "phone-" + i).losesItsConnection(server);
    }
    CountingClient late = enrolled(NINA, "late");
    late.stream().connection().abort();

    Eventually.holds(() -> late.tries(resume(late.id(), "0")).answer().attribute("h").isPresent());
    assertThat(hibernated(server)).isEqualTo(SESSIONS);
  }

  @Test
  @Spec(
      doc = "XEP-0386",
      section = "4",
      rule =
          "A program that is started anew ends the session that it left behind, and loses nothing")
  void aProgramThatIsStartedAnewLeavesNoSessionBehind() throws Exception {
    server.enrol(server.invite(NINA), "phone");
    CountingClient otto = enrolled(OTTO, "otto");
    ClientStream killed = started("3c3f3a5e-2b32-4c67-a8d5-9a0c6a1c6d11");
    killed.connection().abort();
    Eventually.holds(() -> hibernated(server) == 1);
    otto.chats(NINA.jid(), "for whoever comes");
    assertThat(otto.everything()).isEmpty();

    ClientStream other = started("8d7e2f10-5c1b-4d42-9b0e-0d0f5b6c7a22");
    assertThat(hibernated(server)).as("another program's").isEqualTo(1);
    ClientStream again = started("3c3f3a5e-2b32-4c67-a8d5-9a0c6a1c6d11");
    assertThat(hibernated(server)).isZero();

    again.close();
    other.close();
    assertThat(archived(olderClient("phone"))).containsExactly("for whoever comes");
  }

  /// A program that says which it is.
  private ClientStream started(String program) throws Exception {
    ClientStream stream = CountingClient.dial(server, NINA, "phone");
    Element agent = Element.named("user-agent", Namespaces.SASL2).attribute("id", program).build();
    Element bind = Element.named("bind", Namespaces.BIND2).child(enable()).build();
    assertThat(stream.authenticate(stream.open(), new ExternalClient(NINA), List.of(agent, bind)))
        .isInstanceOf(SaslOutcome.Succeeded.class);
    return stream;
  }

  private static List<String> messages(int count) {
    return IntStream.range(0, count).mapToObj(i -> "message " + i).toList();
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "design: what must always hold, 8",
      rule = "Who reads and never acknowledges is cut off, and loses nothing")
  void aReaderThatNeverAcknowledgesIsCutOffAndLosesNothing() throws Exception {
    CountingClient phone = available(NINA, "phone");
    int already = phone.handled().bits();
    CountingClient otto = enrolled(OTTO, "otto");
    messages(STANZAS + 3).forEach(message -> otto.chats(NINA.jid(), message));
    assertThat(otto.everything()).isEmpty();
    clock.advance(Duration.ofMinutes(2));

    Peer.Heard heard = Peer.untilEnd(phone.stream());
    assertThat(heard.end())
        .isInstanceOfSatisfying(
            StreamErrorException.class,
            error -> assertThat(error.condition()).isEqualTo("resource-constraint"));
    assertThat(already).isLessThanOrEqualTo(STANZAS);
    assertThat(phone.tries(resume(phone.id(), "0")).condition()).isEqualTo("item-not-found");

    // The bound is the same for who comes back: this one acknowledges.
    CountingClient back = olderClient("phone");
    back.says("<presence xmlns='jabber:client'/>");
    assertThat(back.bodies(STANZAS + 3)).containsExactlyElementsOf(messages(STANZAS + 3));
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "design: what must always hold, 8",
      rule = "Who is sent more at once than a session may hold gets the rest when it acknowledges")
  void whoIsSentMuchAtOnceGetsItAllInOrder() throws Exception {
    CountingClient phone = available(NINA, "phone");
    CountingClient otto = enrolled(OTTO, "otto");
    messages(2 * STANZAS).forEach(message -> otto.chats(NINA.jid(), message));
    assertThat(otto.everything()).isEmpty();

    assertThat(phone.bodies(2 * STANZAS)).containsExactlyElementsOf(messages(2 * STANZAS));
    otto.chats(NINA.jid(), "afterwards");
    assertThat(otto.everything()).isEmpty();
    assertThat(phone.bodies(1)).containsExactly("afterwards");
  }

  @Test
  @Spec(
      doc = "XEP-0160",
      section = "3",
      rule = "A device that is lost while it is handed what waits gets the rest when it is back")
  void whatWaitsGoesOnAfterAResumption() throws Exception {
    server.enrol(server.invite(NINA), "phone");
    CountingClient otto = enrolled(OTTO, "otto");
    messages(OFFLINE).forEach(message -> otto.chats(NINA.jid(), message));
    assertThat(otto.everything()).isEmpty();
    CountingClient phone = olderClient("phone");
    phone.says("<presence xmlns='jabber:client'/>");
    List<String> seen = new ArrayList<>();
    for (int i = 0; i < STANZAS / 2; i++) {
      seen.addAll(CountingClient.bodiesOf(List.of(phone.stanza())));
    }
    phone.losesItsConnection(server);

    var _ = phone.resumes();

    seen.addAll(phone.bodies(OFFLINE - seen.size()));
    assertThat(seen).containsExactlyElementsOf(messages(OFFLINE));
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "design: what must always hold, 8",
      rule = "What is sent to a device that is away is bounded; who sends more is told")
  void aFloodToADeviceThatIsAwayIsBoundedAndItsSenderIsTold() throws Exception {
    CountingClient phone = available(NINA, "phone");
    CountingClient friend = available(OTTO, "friend");
    befriend(phone, friend);
    phone.says(
        "<iq xmlns='jabber:client' type='set' id='p'><prefs xmlns='urn:xmpp:mam:2'"
            + " default='never'><always/><never/></prefs></iq>");
    assertThat(phone.everything()).isNotEmpty();
    phone.acknowledges();
    assertThat(phone.asks()).isNotNull();
    phone.losesItsConnection(server);
    int flood = 2 * OFFLINE;
    List<Element> heard = new ArrayList<>();
    for (String message : messages(flood)) {
      friend.chats(NINA.jid(), message);
      heard.addAll(friend.everything());
      friend.acknowledges();
    }

    List<Element> errors =
        heard.stream().filter(stanza -> stanza.name().equals("message")).toList();
    assertThat(errors)
        .hasSize(flood - OFFLINE)
        .allSatisfy(error -> assertThat(condition(error)).isEqualTo("service-unavailable"));
    assertThat(hibernated(server)).as("it held all that it may").isZero();
    CountingClient back = olderClient("phone");
    back.says("<presence xmlns='jabber:client'/>");
    assertThat(back.bodies(OFFLINE)).containsExactlyElementsOf(messages(OFFLINE));
  }
}
