// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import static dev.latchkey.client.FakeArchive.BOB;
import static dev.latchkey.client.FakeArchive.NINA;
import static dev.latchkey.client.FakeArchive.error;
import static dev.latchkey.client.FakeArchive.live;
import static dev.latchkey.client.FakeArchive.message;
import static dev.latchkey.client.FakeArchive.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What stands in the archive is shown, once, and nobody else's word for it is taken.
final class CatchUpIT {
  private static final Duration SOON = Duration.ofSeconds(20);
  @TempDir Path folder;
  private final FakeServer.Manners manners = new FakeServer.Manners();
  private final FakeArchive archive = new FakeArchive();
  private final List<Duration> pauses = new ArrayList<>();

  private void serving() {
    manners.session =
        session -> {
          for (Optional<Element> next = session.next(); next.isPresent(); next = session.next()) {
            if (!archive.answers(session, next.get()) && next.get().is("iq", Namespaces.CLIENT)) {
              session.send(FakeServer.Session.result(next.get(), Optional.empty()));
            }
          }
        };
  }

  private DeviceHome enrolled(FakeServer server) {
    DeviceHome home = DeviceHome.at(folder.resolve("home"));
    new Enrolment(server.uri(), home).name("Tablet").in(EnrolmentIT.environment(server)).run();
    return home;
  }

  private LatchkeyClient connect(FakeServer server, DeviceHome home) {
    return LatchkeyClient.open(home).in(environment(server)).connect();
  }

  /// In which no pause takes any time.
  private ClientEnvironment environment(FakeServer server) {
    ClientEnvironment real = EnrolmentIT.environment(server);
    return new ClientEnvironment(
        real.dns(),
        real.random(),
        real.clock(),
        real.ticker(),
        pauses::add,
        real.patience(),
        real.loops());
  }

  private static Message take(LatchkeyClient client) {
    return client.receive(SOON).orElseThrow();
  }

  private static List<String> bodies(LatchkeyClient client, int count) {
    List<String> bodies = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      bodies.add(take(client).body());
    }
    return bodies;
  }

  private Optional<String> after(int query) {
    return FakeArchive.after(archive.queries.get(query));
  }

  @Test
  @Spec(doc = "XEP-0313", section = "4.1", rule = "a client that was away reads what it missed")
  void givesWhatWasMissedPageByPageThenWhatIsLive() throws Exception {
    for (String body : List.of("one", "two", "three")) {
      archive.messages.add(message(BOB, NINA, body));
    }
    serving();
    try (FakeServer server = new FakeServer(manners)) {
      DeviceHome home = enrolled(server);
      try (LatchkeyClient client = connect(server, home)) {
        client.catchUp();
        client.goOnline();
        Message first = take(client);
        assertThat(first.body()).isEqualTo("one");
        assertThat(first.delayed()).isTrue();
        assertThat(first.stamp()).isEqualTo(Instant.parse("2026-11-21T10:00:00Z"));
        assertThat(bodies(client, 2)).containsExactly("two", "three");
        assertThat(client.receive(Duration.ofMillis(1))).isEmpty();
        assertThat(archive.queries).hasSize(2);
        assertThat(archive.queries.getFirst().toXml())
            .contains(
                "<field var='start'><value>"
                    + home.certificates().getFirst().getNotBefore().toInstant());
        assertThat(after(1)).contains("a1");
      }
    }
  }

  @Test
  @Spec(
      doc = "RFC 6120",
      section = "8.3.2",
      rule = "an error of type wait asks to try again later; what came before it is no page")
  void asksAgainForAPageThatWasCutAndGivesNothingTwice() throws Exception {
    for (String body : List.of("one", "two", "three")) {
      archive.messages.add(message(BOB, NINA, body));
    }
    archive.cut = 2;
    serving();
    try (FakeServer server = new FakeServer(manners)) {
      DeviceHome home = enrolled(server);
      try (LatchkeyClient client = connect(server, home)) {
        client.catchUp();
        client.goOnline();
        assertThat(bodies(client, 3)).containsExactly("one", "two", "three");
        assertThat(client.receive(Duration.ofMillis(1))).isEmpty();
        assertThat(archive.queries).hasSize(4);
        assertThat(pauses).as("no server is asked without a break").hasSize(2);
        assertThat(after(1)).as("behind what it had").isEmpty();
      }
    }
  }

  @Test
  void saysSoIfEveryPageIsCutAndGoesOnWhenAskedAgain() throws Exception {
    archive.messages.add(message(BOB, NINA, "one"));
    archive.cut = LatchkeyClient.MOST_REFUSALS;
    serving();
    try (FakeServer server = new FakeServer(manners)) {
      DeviceHome home = enrolled(server);
      try (LatchkeyClient client = connect(server, home)) {
        client.catchUp();
        assertThatThrownBy(() -> take(client)).isInstanceOf(StanzaErrorException.class);
        assertThat(take(client).body()).isEqualTo("one");
      }
    }
  }

  @Test
  void goesOnBehindWhatWasShown() throws Exception {
    archive.pageSize = 100;
    for (String body : List.of("one", "two", "three")) {
      archive.messages.add(message(BOB, NINA, body));
    }
    serving();
    try (FakeServer server = new FakeServer(manners)) {
      DeviceHome home = enrolled(server);
      try (LatchkeyClient client = connect(server, home)) {
        client.catchUp();
        client.shown(take(client));
        client.shown(take(client));
        assertThat(take(client).body()).isEqualTo("three"); // but not shown
      }
      assertThat(
              PosixFilePermissions.toString(
                  Files.getPosixFilePermissions(home.folder().resolve("archive.properties"))))
          .isEqualTo("rw-------");
      try (LatchkeyClient client = connect(server, home)) {
        client.catchUp();
        Message again = take(client);
        assertThat(again.body()).isEqualTo("three");
        assertThat(after(1)).contains("a1");
        client.shown(again);
      }
      try (LatchkeyClient client = connect(server, home)) {
        client.catchUp();
        assertThat(client.receive(Duration.ofMillis(1))).isEmpty();
      }
    }
  }

  @Test
  void leavesOutWhatTheAccountSentToOthersAndWhatThisDeviceSaidToItself() throws Exception {
    archive.pageSize = 100;
    archive.messages.add(message(NINA + "/other", BOB, "sent by another device"));
    archive.messages.add(message(BOB, NINA, "for us"));
    archive.messages.add(message(NINA + "/Latchkey-1", NINA, "a note of this device"));
    archive.messages.add(message(NINA + "/other", NINA, "a note of another device"));
    archive.messages.add(message(NINA + "/other", BOB, "sent by another device again"));
    serving();
    try (FakeServer server = new FakeServer(manners)) {
      DeviceHome home = enrolled(server);
      try (LatchkeyClient client = connect(server, home)) {
        client.catchUp();
        client.shown(take(client));
        Message note = take(client);
        assertThat(note.body()).isEqualTo("a note of another device");
        client.shown(note);
        assertThat(client.receive(Duration.ofMillis(1))).isEmpty();
      }
      try (LatchkeyClient client = connect(server, home)) {
        client.catchUp();
        assertThat(client.receive(Duration.ofMillis(1))).isEmpty();
        assertThat(after(1)).as("what is not shown is passed, too").contains("a4");
      }
    }
  }

  @Test
  void nothingComesTwiceAndNothingIsLostAmongPagesAndLiveMessages() throws Exception {
    archive.messages.add(message(BOB, NINA, "one"));
    archive.messages.add(message(BOB, NINA, "two"));
    archive.messages.add(message(BOB, NINA, "three"));
    archive.pages =
        (session, page) -> {
          if (page == 1) {
            session.send(live("a2", "three")); // it stands in the next page
          } else {
            session.send(live("a2", "three")); // it stands in this one
            session.send(live("a3", "four")); // it came after this page was read
            session.send(message(BOB, NINA, "kept by nobody"));
          }
        };
    serving();
    try (FakeServer server = new FakeServer(manners);
        LatchkeyClient client = connect(server, enrolled(server))) {
      client.catchUp();
      client.goOnline();
      assertThat(bodies(client, 5))
          .containsExactly("one", "two", "three", "four", "kept by nobody");
      assertThat(client.receive(Duration.ofMillis(1))).isEmpty();
    }
  }

  @Test
  void liveMessagesMoveThePlaceInTheArchive() throws Exception {
    archive.messages.add(message(BOB, NINA, "one"));
    serving();
    var whole = manners.session;
    try (FakeServer server = new FakeServer(manners)) {
      DeviceHome home = enrolled(server);
      manners.session =
          session -> {
            session.next().ifPresent(iq -> archive.answers(session, iq));
            session.send(live("a0", "one")); // again
            session.send(live("a1", "two"));
            whole.accept(session);
          };
      try (LatchkeyClient client = connect(server, home)) {
        client.catchUp();
        client.shown(take(client));
        Message two = take(client);
        assertThat(two.body()).isEqualTo("two");
        assertThat(two.delayed()).isFalse();
        client.shown(two);
      }
      assertThat(Files.readString(home.folder().resolve("archive.properties")))
          .contains("after=a1");
    }
  }

  @Test
  @Spec(doc = "XEP-0313", section = "4.2", rule = "results count only from the archive asked")
  void takesNoArchiveFromOthers() throws Exception {
    archive.messages.add(message(BOB, NINA, "true"));
    archive.pages =
        (session, page) -> {
          String query = archive.queries.getLast().attribute("queryid").orElseThrow();
          Element forged = result(query, "a7", message(BOB, NINA, "forged"));
          session.send(forged.with("from", "mallory@chat.example"));
          session.send(forged.with("from", "chat.example"));
          session.send(forged.with("from", NINA + "/other"));
          session.send(result("another", "a8", message(BOB, NINA, "not asked")).with("from", NINA));
        };
    serving();
    try (FakeServer server = new FakeServer(manners);
        LatchkeyClient client = connect(server, enrolled(server))) {
      client.catchUp();
      assertThat(take(client).body()).isEqualTo("true");
      assertThat(client.receive(Duration.ofMillis(1))).isEmpty();
    }
  }

  @Test
  void startsOverWhenItsPlaceIsNotInTheArchiveAnyMore() throws Exception {
    archive.messages.add(message(BOB, NINA, "one"));
    serving();
    try (FakeServer server = new FakeServer(manners)) {
      DeviceHome home = enrolled(server);
      home.archivePosition(home.archivePosition().after("a99"));
      try (LatchkeyClient client = connect(server, home)) {
        client.catchUp();
        assertThat(take(client).body()).isEqualTo("one");
        assertThat(after(0)).contains("a99");
        assertThat(after(1)).isEmpty();
      }
    }
  }

  @Test
  void damagedPlaceLosesNothing() throws Exception {
    archive.messages.add(message(BOB, NINA, "one"));
    serving();
    try (FakeServer server = new FakeServer(manners)) {
      DeviceHome home = enrolled(server);
      Files.writeString(home.folder().resolve("archive.properties"), "since=tomorrow\nafter=a0\n");
      try (LatchkeyClient client = connect(server, home)) {
        client.catchUp();
        assertThat(take(client).body()).isEqualTo("one");
      }
    }
  }

  @Test
  void serverWithoutArchiveHasNothingToCatchUpOn() throws Exception {
    manners.session =
        session -> {
          session.next().ifPresent(iq -> session.send(error(iq, "service-unavailable")));
          session.send(live("a0", "live"));
          session.answerPings();
        };
    try (FakeServer server = new FakeServer(manners);
        LatchkeyClient client = connect(server, enrolled(server))) {
      client.catchUp();
      assertThat(take(client).body()).isEqualTo("live");
    }
  }

  @Test
  void passwordHasNoPlaceToKeepHowFarItHasRead() throws Exception {
    try (FakeServer server = new FakeServer(manners);
        LatchkeyClient client =
            LatchkeyClient.withPassword(FakeServer.NINA, server.code.canonical())
                .server(server.address())
                .pin(server.pin())
                .in(EnrolmentIT.environment(server))
                .connect()) {
      assertThatThrownBy(client::catchUp)
          .isInstanceOf(ClientException.class)
          .hasMessageContaining("home");
    }
  }
}
