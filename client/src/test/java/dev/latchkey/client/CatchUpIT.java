// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

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
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What stands in the archive is shown, once, and nobody else's word for it is taken.
final class CatchUpIT {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final String MAM = "urn:xmpp:mam:2";
  private static final String RSM = "http://jabber.org/protocol/rsm";
  private static final String NINA = "nina@chat.example";
  private static final String BOB = "bob@chat.example/phone";

  @TempDir Path folder;
  private final FakeServer.Manners manners = new FakeServer.Manners();
  private final List<Element> queries = new CopyOnWriteArrayList<>();

  /// What the archive holds: ids `a0`, `a1`, ...
  private final List<Element> archive = new ArrayList<>();

  /// What is sent before a page and between a page and its end.
  private Pages pages = (session, page) -> {};

  private int pageSize = 2;

  private interface Pages {
    void before(FakeServer.Session session, int page);
  }

  private void serving() {
    manners.session =
        session -> {
          for (Optional<Element> next = session.next(); next.isPresent(); next = session.next()) {
            Element stanza = next.get();
            Optional<Element> query = stanza.child("query", MAM);
            if (query.isPresent()) {
              queries.add(query.get());
              answer(session, stanza, query.get());
            } else if (stanza.is("iq", Namespaces.CLIENT)) {
              session.send(FakeServer.Session.result(stanza, Optional.empty()));
            }
          }
        };
  }

  private void answer(FakeServer.Session session, Element iq, Element query) {
    Optional<String> after =
        query.child("set", RSM).flatMap(set -> set.child("after", RSM)).map(Element::text);
    int from = after.map(id -> Integer.parseInt(id.substring(1)) + 1).orElse(0);
    if (from > archive.size()) {
      session.send(error(iq, "item-not-found"));
      return;
    }
    int to = Math.min(from + pageSize, archive.size());
    pages.before(session, queries.size());
    for (int at = from; at < to; at++) {
      session.send(
          result(query.attribute("queryid").orElseThrow(), "a" + at, archive.get(at))
              .with("from", NINA));
    }
    Element fin =
        Element.named("fin", MAM)
            .attribute("complete", to == archive.size() ? Optional.of("true") : Optional.empty())
            .build();
    session.send(FakeServer.Session.result(iq, Optional.of(fin)));
  }

  private static Element error(Element iq, String condition) {
    return Element.named("iq", Namespaces.CLIENT)
        .attribute("type", "error")
        .attribute("id", iq.attribute("id"))
        .child(
            Element.named("error", Namespaces.CLIENT)
                .attribute("type", "cancel")
                .child(condition, Namespaces.STANZA_ERRORS)
                .build())
        .build();
  }

  private static Element result(String queryId, String id, Element message) {
    return Element.named("message", Namespaces.CLIENT)
        .child(
            Element.named("result", MAM)
                .attribute("queryid", queryId)
                .attribute("id", id)
                .child(
                    Element.named("forwarded", "urn:xmpp:forward:0")
                        .child(
                            Element.named("delay", "urn:xmpp:delay")
                                .attribute("stamp", "2026-11-21T10:00:00Z")
                                .build())
                        .child(message)
                        .build())
                .build())
        .build();
  }

  private static Element message(String from, String to, String body) {
    return Element.named("message", Namespaces.CLIENT)
        .attribute("from", from)
        .attribute("to", to)
        .attribute("type", "chat")
        .child(Element.text("body", Namespaces.CLIENT, body))
        .build();
  }

  private static Element live(String id, String body) {
    return message(BOB, NINA, body).toBuilder()
        .child(
            Element.named("stanza-id", "urn:xmpp:sid:0")
                .attribute("by", NINA)
                .attribute("id", id)
                .build())
        .build();
  }

  private DeviceHome enrolled(FakeServer server) {
    DeviceHome home = DeviceHome.at(folder.resolve("home"));
    new Enrolment(server.uri(), home).name("Tablet").in(EnrolmentIT.environment(server)).run();
    return home;
  }

  private static LatchkeyClient connect(FakeServer server, DeviceHome home) {
    return LatchkeyClient.open(home).in(EnrolmentIT.environment(server)).connect();
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
    return queries
        .get(query)
        .child("set", RSM)
        .flatMap(set -> set.child("after", RSM))
        .map(Element::text);
  }

  @Test
  @Spec(doc = "XEP-0313", section = "4.1", rule = "a client that was away reads what it missed")
  void givesWhatWasMissedPageByPageThenWhatIsLive() throws Exception {
    for (String body : List.of("one", "two", "three")) {
      archive.add(message(BOB, NINA, body));
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
        assertThat(queries).hasSize(2);
        assertThat(queries.getFirst().toXml())
            .contains(
                "<field var='start'><value>"
                    + home.certificates().getFirst().getNotBefore().toInstant());
        assertThat(after(1)).contains("a1");
      }
    }
  }

  @Test
  void goesOnBehindWhatWasShown() throws Exception {
    pageSize = 100;
    for (String body : List.of("one", "two", "three")) {
      archive.add(message(BOB, NINA, body));
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
    pageSize = 100;
    archive.add(message(NINA + "/other", BOB, "sent by another device"));
    archive.add(message(BOB, NINA, "for us"));
    archive.add(message(NINA + "/Latchkey-1", NINA, "a note of this device"));
    archive.add(message(NINA + "/other", NINA, "a note of another device"));
    archive.add(message(NINA + "/other", BOB, "sent by another device again"));
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
    archive.add(message(BOB, NINA, "one"));
    archive.add(message(BOB, NINA, "two"));
    archive.add(message(BOB, NINA, "three"));
    pages =
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
    archive.add(message(BOB, NINA, "one"));
    serving();
    var whole = manners.session;
    try (FakeServer server = new FakeServer(manners)) {
      DeviceHome home = enrolled(server);
      manners.session =
          session -> {
            session
                .next()
                .ifPresent(iq -> answer(session, iq, iq.child("query", MAM).orElseThrow()));
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
    archive.add(message(BOB, NINA, "true"));
    pages =
        (session, page) -> {
          String query = queries.getLast().attribute("queryid").orElseThrow();
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
    archive.add(message(BOB, NINA, "one"));
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
    archive.add(message(BOB, NINA, "one"));
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
