// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.journey;

import static dev.latchkey.cli.journey.RunningServer.NINA;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.latchkey.cli.Ran;
import dev.latchkey.client.LatchkeyClient;
import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A device of each kind, from its invitation to its end, with the commands that people have.
class CredentialKindsIT {
  private static final String TOKEN = "HT-SHA-512-EXPR";

  @TempDir Path folder;

  /// How far the server's clock is ahead of ours.
  private volatile Duration ahead = Duration.ZERO;

  private RunningServer server;
  private Relay relay;

  @BeforeEach
  void begin() throws Exception {
    server = RunningServer.in(folder, seams -> seams.with(clock()), whole -> whole);
    relay = Relay.to(server.server().startTls().orElseThrow());
  }

  private InstantSource clock() {
    InstantSource ours = InstantSource.system();
    return () -> ours.instant().plus(ahead);
  }

  @AfterEach
  void end() throws Exception {
    relay.close();
    server.close();
  }

  private Ran enrol(String uri, String kind, String home) {
    return Ran.latchkey(
        "enrol", uri, "--credential", kind, "--name", home, "--home", folder(home), "--json");
  }

  @ParameterizedTest
  @CsvSource({"certificate", "client-key", "fast"})
  @Spec(
      doc = "latchkey",
      section = "26",
      rule = "a device's name is its person's, its code's, its machine's")
  void isCalledAsItsPersonSaysThenAsItsInvitationSays(String kind) throws Exception {
    assertThat(enrol(server.invite(NINA).reveal(), kind, "first").code()).isZero();
    String tablet = device("first", "my", "add", "--name", "Tablet").line().path("uri").asText();
    String radio = device("first", "my", "add", "--name", "Radio").line().path("uri").asText();
    assertThat(
            Ran.latchkey("enrol", tablet, "--credential", kind, "--home", folder("second")).code())
        .isZero();
    assertThat(enrol(radio, kind, "third").code()).isZero();
    assertThat(device("first", "my", "devices").lines())
        .extracting(device -> device.path("name").asText())
        .containsExactlyInAnyOrder("first", "Tablet", "third");
  }

  private Ran device(String home, String... arguments) {
    List<String> command = new ArrayList<>(List.of(arguments));
    command.addAll(List.of("--home", folder(home), "--json"));
    return Ran.latchkey(command.toArray(String[]::new));
  }

  private String folder(String home) {
    return server.home(home).folder().toString();
  }

  /// The `<authenticate/>`s, the newest first.
  private List<Element> authentications() {
    return server.recording.byClients().reversed().stream()
        .filter(element -> element.is("authenticate", Namespaces.SASL2))
        .toList();
  }

  private static Optional<String> mechanism(Element authenticate) {
    return authenticate.attribute("mechanism");
  }

  @ParameterizedTest
  @CsvSource({
    "certificate, EXTERNAL",
    "client-key,  CLIENT-KEY-PLUS",
    "fast,        HT-SHA-512-EXPR"
  })
  void deviceOfEachKindFromItsInvitationToItsEnd(String kind, String mechanism) throws Exception {
    String uri = server.invite(NINA).reveal();
    Ran enrolled = enrol(uri, kind, "one");
    assertThat(enrolled.code()).as(enrolled.err()).isZero();
    JsonNode device = enrolled.line();
    assertThat(Stream.of("jid", "device", "credential", "expires")).allMatch(device::has);

    JsonNode first = device("one", "whoami").line();
    assertThat(first.path("mechanism").asText()).isEqualTo(mechanism);
    assertThat(first.path("device")).isEqualTo(device.path("device"));
    assertThat(first.path("credential")).isEqualTo(device.path("credential"));
    JsonNode again = device("one", "whoami").line();
    assertThat(again.path("mechanism").asText()).isEqualTo(mechanism);
    assertThat(authentications().getFirst().child("config-version", Namespaces.PIPELINING))
        .as("signs in before it has seen the offer again")
        .isPresent();

    Ran second = enrol(uri, kind, "two");
    assertThat(second.code()).isEqualTo(1);
    assertThat(second.err()).contains("not-authorized", "new invitation");
    assertThat(server.devices(NINA)).hasSize(1);

    assertThat(device("one", "send", "nina@localhost", "hello").code()).isZero();
    listensAndComesBack("one");

    server.revoke(NINA, device.path("device").asText());
    Ran ended = device("one", "whoami");
    assertThat(ended.code()).isEqualTo(1);
    assertThat(ended.err()).containsAnyOf("revoked", "credentials-expired");
    nothingSecretIsSaid("one", List.of(enrolled, second, ended));
  }

  /// Whatever it is enrolled with, it comes back to its session by a token.
  private void listensAndComesBack(String home) throws Exception {
    server.enrol(server.invite(NINA), "friend");
    LatchkeyClient friend = server.connect("friend");
    try (Program listen =
        Program.latchkey(
            folder,
            List.of(
                "listen",
                "--verbose",
                "--json",
                "--home",
                folder(home),
                "--server",
                relay.address()))) {
      listen.await("caught up");
      friend.send(NINA.jid(), "before");
      listen.await("\"body\":\"before\"");
      relay.cut();
      friend.send(NINA.jid(), "while it was cut");
      listen.await("resumed");
      listen.await("\"body\":\"while it was cut\"");
      Element back = authentications().getFirst();
      assertThat(mechanism(back)).contains(TOKEN);
      assertThat(back.child("resume", Namespaces.STREAM_MANAGEMENT)).isPresent();
      assertThat(back.child("config-version", Namespaces.PIPELINING)).isPresent();
      listen.terminate();
      listen.awaitEnd();
    }
  }

  private void nothingSecretIsSaid(String home, List<Ran> runs) throws Exception {
    for (String file : List.of("client-key.properties", "tokens.properties")) {
      Path secrets = server.home(home).folder().resolve(file);
      if (!Files.exists(secrets)) {
        continue;
      }
      for (String line : Files.readAllLines(secrets)) {
        String name = line.substring(0, line.indexOf('='));
        if (name.endsWith("token") || name.equals("secret") || name.equals("validation-key")) {
          String value = line.substring(name.length() + 1).replace("\\", "");
          runs.forEach(run -> assertThat(run.out() + run.err()).doesNotContain(value));
        }
      }
    }
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 56",
      rule = "a value of the counter that signed in before is a copy's: the device is revoked")
  void copyOfAClientKeyEndsTheDevice() throws Exception {
    assertThat(enrol(server.invite(NINA).reveal(), "client-key", "one").code()).isZero();
    Path copy = Files.createDirectories(server.home("copy").folder());
    Files.copy(
        server.home("one").folder().resolve("client-key.properties"),
        copy.resolve("client-key.properties"));
    assertThat(device("copy", "whoami").code()).isZero();
    Ran original = device("one", "whoami");
    assertThat(original.code()).as(original.out()).isEqualTo(1);
    assertThat(device("copy", "whoami").code()).isEqualTo(1);
  }

  @Test
  @Spec(
      doc = "XEP-0484",
      section = "3.4",
      rule = "the old token stays good until the new one is used")
  void tokenIsRotatedAndTheNewOneTakesOver() throws Exception {
    assertThat(enrol(server.invite(NINA).reveal(), "fast", "one").code()).isZero();
    assertThat(device("one", "whoami").code()).isZero();
    List<String> first = tokens("one");
    assertThat(first).hasSize(1);
    ahead = Duration.ofDays(2);
    assertThat(device("one", "whoami").code()).isZero();
    assertThat(tokens("one")).hasSize(2).containsAll(first);
    assertThat(device("one", "whoami").line().path("mechanism").asText()).isEqualTo(TOKEN);
    assertThat(tokens("one")).hasSize(1).doesNotContainAnyElementsOf(first);
    assertThat(device("one", "whoami").code()).isZero();
  }

  private List<String> tokens(String home) throws Exception {
    try (Stream<String> lines =
        Files.lines(server.home(home).folder().resolve("tokens.properties"))) {
      return lines
          .filter(line -> line.matches("(newer|current)\\.token=.*"))
          .map(line -> line.substring(line.indexOf('=') + 1))
          .toList();
    }
  }

  @Test
  void tokenThatIsTooOldIsKeptUntilANewEnrolmentReplacesIt() throws Exception {
    assertThat(enrol(server.invite(NINA).reveal(), "fast", "one").code()).isZero();
    ahead = Duration.ofDays(30);
    Ran refused = device("one", "whoami");
    assertThat(refused.code()).isEqualTo(1);
    assertThat(refused.err()).contains("credentials-expired", "--replace");
    ahead = Duration.ZERO; // the server's clock was wrong
    assertThat(device("one", "whoami").code()).isZero();
    ahead = Duration.ofDays(30);
    assertThat(device("one", "whoami").code()).isEqualTo(1);
    Ran replaced =
        Ran.latchkey(
            "enrol",
            server.invite(NINA).reveal(),
            "--credential",
            "client-key",
            "--replace",
            "--home",
            folder("one"));
    assertThat(replaced.code()).as(replaced.err()).isZero();
    assertThat(device("one", "whoami").line().path("mechanism").asText())
        .isEqualTo("CLIENT-KEY-PLUS");
  }
}
