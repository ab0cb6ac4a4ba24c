// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.journey;

import static dev.latchkey.cli.journey.CountingClient.enable;
import static dev.latchkey.cli.journey.CountingClient.hibernated;
import static dev.latchkey.cli.journey.CountingClient.resume;
import static dev.latchkey.cli.journey.RunningServer.DOMAIN;
import static dev.latchkey.cli.journey.RunningServer.NINA;
import static dev.latchkey.wire.element.Namespaces.STREAM_MANAGEMENT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.cli.journey.CountingClient.Attempt;
import dev.latchkey.cli.journey.CountingClient.Way;
import dev.latchkey.client.ClientStream;
import dev.latchkey.client.SaslOutcome;
import dev.latchkey.client.StreamErrorException;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Waypoints;
import dev.latchkey.sasl.external.ExternalClient;
import dev.latchkey.server.admin.JsonLine;
import dev.latchkey.store.Restoration;
import dev.latchkey.store.folder.DataFolder;
import dev.latchkey.testkit.ManualClock;
import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import dev.latchkey.wire.socket.EventLoops;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The server stops and starts again, in order or killed, while sessions stand or sleep.
class SleepOverRestartIT {
  private static final AccountJid OTTO = new AccountJid("otto", DOMAIN);

  @TempDir Path folder;

  private final ManualClock clock = new ManualClock(InstantSource.system().instant());
  private final List<RunningServer> started = new ArrayList<>();
  private RunningServer server;

  @BeforeEach
  void start() throws Exception {
    server = RunningServer.in(folder, seams -> seams.with(clock), whole -> whole);
    started.add(server);
  }

  @AfterEach
  void stop() {
    started.reversed().forEach(RunningServer::close);
  }

  /// Only the server: its clients are to notice by themselves.
  private void stopServer() {
    server.server().close();
  }

  private void restart() throws Exception {
    stopServer();
    start();
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  @Spec(
      doc = "latchkey",
      section = "design: what must always hold, 7",
      rule = "A session outlives a stop in order, with all that was known of it")
  void aSessionGoesOnAfterAStopAndAStart(Way way) throws Exception {
    CountingClient phone = CountingClient.enrolled(server, way, NINA, "phone");
    CountingClient tablet = CountingClient.enrolled(server, Way.SASL2, NINA, "tablet");
    CountingClient otto = CountingClient.enrolled(server, Way.SASL2, OTTO, "otto");
    phone.says(
        "<iq xmlns='jabber:client' type='get' id='r'><query xmlns='jabber:iq:roster'/></iq>");
    phone.says(
        "<iq xmlns='jabber:client' type='set' id='c'><enable xmlns='urn:xmpp:carbons:2'/></iq>");
    phone.says("<presence xmlns='jabber:client' to='%s'/>".formatted(otto.jid()));
    phone.says("<presence xmlns='jabber:client'/>");
    phone.chats(otto.jid(), "before");
    assertThat(phone.everything()).isNotEmpty();
    assertThat(otto.bodies()).containsExactly("before");
    otto.chats(phone.jid(), "unread");
    otto.chats(NINA.jid(), "unread, to all");
    assertThat(otto.everything()).isEmpty();
    String handled = phone.asks().toString();

    restart();

    assertThat(hibernated(server)).isEqualTo(3);
    CountingClient phoneAgain = phone.at(server);
    CountingClient tabletAgain = tablet.at(server);
    CountingClient ottoAgain = otto.at(server);
    var _ = ottoAgain.resumes();
    assertThat(ottoAgain.everything()).as("nobody hears that it was away").isEmpty();
    ottoAgain.chats(phone.jid(), "to one who sleeps");
    assertThat(ottoAgain.everything()).isEmpty();
    assertThat(phoneAgain.resumes()).hasToString(handled);
    assertThat(phoneAgain.bodies())
        .containsExactly("unread", "unread, to all", "to one who sleeps");

    // Presence, carbon copies, and the roster.
    var _ = tabletAgain.resumes();
    tabletAgain.chats(OTTO.jid(), "by the tablet");
    tabletAgain.says(
        "<iq xmlns='jabber:client' type='set' id='s'><query xmlns='jabber:iq:roster'>"
            + "<item jid='pia@example.org'/></query></iq>");
    assertThat(tabletAgain.everything()).isNotEmpty();
    List<Element> heard = phoneAgain.everything();
    assertThat(heard).anyMatch(stanza -> stanza.child("sent", "urn:xmpp:carbons:2").isPresent());
    assertThat(heard).anyMatch(stanza -> stanza.child("query", "jabber:iq:roster").isPresent());
    ottoAgain.chats(NINA.jid(), "to whoever is available");
    assertThat(ottoAgain.everything()).isEmpty();
    assertThat(phoneAgain.bodies()).containsExactly("to whoever is available");

    phoneAgain.stream().close();
    Eventually.holds(
        () ->
            ottoAgain.everything().stream()
                .anyMatch(gone -> gone.attribute("type").equals(Optional.of("unavailable"))));
  }

  @Test
  @Spec(doc = "RFC 6120", section = "4.9.3.20", rule = "A stop is told to every client")
  void aStopIsToldToThoseWhoMayComeBackToo() throws Exception {
    CountingClient phone = CountingClient.enrolled(server, Way.SASL2, NINA, "phone");
    restart();

    assertThat(Peer.untilEnd(phone.stream()).end())
        .isInstanceOfSatisfying(
            StreamErrorException.class,
            error -> assertThat(error.condition()).isEqualTo("system-shutdown"));
  }

  @Test
  @Spec(
      doc = "XEP-0198",
      section = "5",
      rule = "The time for which a session waits goes on while the server is stopped")
  void theTimeInWhichTheServerIsStoppedCounts() throws Exception {
    CountingClient phone = CountingClient.enrolled(server, Way.SASL2, NINA, "phone");
    CountingClient otto = CountingClient.enrolled(server, Way.SASL2, OTTO, "otto");
    otto.chats(phone.jid(), "one");
    assertThat(otto.everything()).isEmpty();
    stopServer();
    clock.advance(Duration.ofMinutes(31));
    start();

    assertThat(hibernated(server)).isZero();
    CountingClient back = phone.at(server);
    assertThat(back.tries(resume(phone.id(), "0")).condition()).isEqualTo("item-not-found");
    CountingClient anew = CountingClient.signedIn(server, Way.SASL1, NINA, "phone", enable());
    anew.says("<presence xmlns='jabber:client'/>");
    assertThat(anew.bodies(1)).containsExactly("one");
  }

  // Who must not come back.

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 39",
      rule = "A session that slept over a stop ends when its device is revoked")
  void aSessionThatSleptIsFoundByARevocationAfterTheStart() throws Exception {
    CountingClient phone = CountingClient.enrolled(server, Way.SASL2, NINA, "phone");
    CountingClient tablet = CountingClient.enrolled(server, Way.SASL2, NINA, "tablet");
    restart();
    server.revoke(NINA, server.home("phone").account().device().value());
    assertThat(hibernated(server)).isEqualTo(1);
    restart();

    assertThat(hibernated(server)).isEqualTo(1);
    assertThat(refused(phone.at(server))).isTrue();
    var _ = tablet.at(server).resumes();
  }

  /// Whether its device is not even let in.
  private boolean refused(CountingClient client) throws Exception {
    ClientStream stream = CountingClient.dial(server, NINA, "phone");
    SaslOutcome outcome =
        stream.authenticate(
            stream.open(), new ExternalClient(NINA), List.of(resume(client.id(), "0")));
    return outcome instanceof SaslOutcome.Failed;
  }

  /// What ends a device's sessions.
  enum Verb {
    REVOKED,
    DISABLED
  }

  @ParameterizedTest
  @EnumSource(Verb.class)
  @Spec(
      doc = "latchkey",
      section = "rule 39",
      rule = "At the start each session that was kept is checked as a sign-in is (I10)")
  void aSessionWhoseDeviceMayNotActIsNotThereAfterAStart(Verb verb) throws Exception {
    CountingClient phone = CountingClient.enrolled(server, Way.SASL2, NINA, "phone");
    CountingClient otto = CountingClient.enrolled(server, Way.SASL2, OTTO, "otto");
    otto.chats(phone.jid(), "one");
    assertThat(otto.everything()).isEmpty();
    stopServer();
    Path asItStood = Files.copy(database(), folder.resolve("as-it-stood.db"));
    start();
    switch (verb) {
      case REVOKED -> server.revoke(NINA, server.home("phone").account().device().value());
      case DISABLED -> account("disable");
    }
    stopServer();
    putBackSessionsOf(asItStood);
    start();

    assertThat(hibernated(server)).as("otto's alone").isEqualTo(1);
    if (verb == Verb.DISABLED) {
      account("enable");
      assertThat(phone.at(server).tries(resume(phone.id(), "0")).condition())
          .isEqualTo("item-not-found");
    } else {
      assertThat(refused(phone.at(server))).isTrue();
    }
    var _ = otto.at(server).resumes();
  }

  private void account(String verb) throws Exception {
    var _ = server.admin(new JsonLine().with("command", verb).with("account", NINA.toString()));
  }

  private Path database() {
    return folder.resolve("data").resolve("latchkey.db");
  }

  /// As if a crash had left them.
  private void putBackSessionsOf(Path copy) throws SQLException {
    try (var connection = DriverManager.getConnection("jdbc:sqlite:" + database());
        Statement statement = connection.createStatement()) {
      statement.execute("ATTACH '%s' AS copy".formatted(copy));
      for (String table : List.of("hibernated_session", "hibernated_stanza")) {
        statement.execute("DELETE FROM main." + table);
        assertThat(
                statement.executeUpdate(
                    "INSERT INTO main.%s SELECT * FROM copy.%s".formatted(table, table)))
            .isPositive();
      }
    }
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 40",
      rule = "An older copy of the database brings no session back")
  void anOlderCopyOfTheDatabaseBringsNoSessionBack() throws Exception {
    CountingClient phone = CountingClient.enrolled(server, Way.SASL2, NINA, "phone");
    server.enrol(server.invite(NINA), "lost");
    stopServer();
    Path asItStood = Files.copy(database(), folder.resolve("as-it-stood.db"));
    start();
    server.revoke(NINA, server.home("lost").account().device().value());
    stopServer();
    try (DataFolder data = DataFolder.open(folder.resolve("data"))) {
      var _ =
          new Restoration(data, new SecureRandom(), InstantSource.system(), Waypoints.NONE)
              .putBack(asItStood);
    }
    start();

    assertThat(hibernated(server)).isZero();
    Attempt attempt = phone.at(server).tries(resume(phone.id(), "0"));
    assertThat(attempt.condition()).isEqualTo("item-not-found");
    assertThat(attempt.answer().attribute("h")).isEmpty();
  }

  // After a crash.

  @ParameterizedTest
  @ValueSource(strings = {"always", "never"})
  @Spec(
      doc = "latchkey",
      section = "design: what must always hold, 7",
      rule = "Nothing that was acknowledged is lost when the process is killed")
  void afterAKillAClientFallsBackAndHasEverything(String archive) throws Exception {
    server.enrol(server.invite(NINA), "phone");
    server.enrol(server.invite(OTTO), "otto");
    stopServer();
    CountingClient phone;
    try (EventLoops loops = EventLoops.start(1);
        ServerProcess first = ServerProcess.start(folder, "-")) {
      assertThat(first.serves()).as("%s", first.errors()).isTrue();
      phone =
          CountingClient.signedIn(
              () -> CountingClient.dial(loops, first, NINA, server.home("phone")),
              Way.SASL2,
              NINA,
              "phone",
              enable());
      phone.says("<presence xmlns='jabber:client'/>");
      phone.says(
          ("<iq xmlns='jabber:client' type='set' id='p'><prefs xmlns='urn:xmpp:mam:2'"
                  + " default='%s'><always/><never/></prefs></iq>")
              .formatted(archive));
      var _ = phone.everything();
      CountingClient otto =
          CountingClient.signedIn(
              () -> CountingClient.dial(loops, first, OTTO, server.home("otto")),
              Way.SASL2,
              OTTO,
              "otto",
              enable());
      otto.chats(NINA.jid(), "acknowledged");
      assertThat(otto.asks()).hasToString("1");
      assertThat(phone.bodies()).containsExactly("acknowledged");
      phone.acknowledges();
      assertThat(phone.asks()).isNotNull();
      otto.chats(NINA.jid(), "to one who is there");
      assertThat(otto.asks()).hasToString("2");
      phone.stream().connection().abort();
      otto.chats(NINA.jid(), "to one who is away");
      otto.chats(phone.jid(), "to its session");
      assertThat(otto.asks()).hasToString("4");
      first.kill();
    }
    start();

    ClientStream stream = CountingClient.dial(server, NINA, "phone");
    SaslOutcome outcome =
        stream.authenticate(
            stream.open(),
            new ExternalClient(NINA),
            List.of(resume(phone.id(), phone.handled().toString()), Peer.bind2()));
    Element success = ((SaslOutcome.Succeeded) outcome).success();
    assertThat(
            new Attempt(stream, success.child("failed", STREAM_MANAGEMENT).orElseThrow())
                .condition())
        .isEqualTo("item-not-found");
    assertThat(success.child("bound", Namespaces.BIND2)).isPresent();
    var _ = stream.features();
    CountingClient back = phone.at(server);
    back.goesOnOver(stream);
    back.says("<presence xmlns='jabber:client'/>");
    if (archive.equals("always")) {
      back.says("<iq xmlns='jabber:client' type='set' id='m'><query xmlns='urn:xmpp:mam:2'/></iq>");
      assertThat(archived(back.everything()))
          .containsExactly(
              "acknowledged", "to one who is there", "to one who is away", "to its session");
    } else {
      assertThat(back.bodies(3))
          .containsExactly("to one who is there", "to one who is away", "to its session");
    }
  }

  private static List<String> archived(List<Element> stanzas) {
    return stanzas.stream()
        .flatMap(message -> message.child("result", "urn:xmpp:mam:2").stream())
        .flatMap(result -> result.child("forwarded", "urn:xmpp:forward:0").stream())
        .flatMap(forwarded -> forwarded.child("message", Namespaces.CLIENT).stream())
        .flatMap(message -> message.child("body", Namespaces.CLIENT).stream())
        .map(Element::text)
        .toList();
  }
}
