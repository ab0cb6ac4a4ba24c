// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.journey;

import static dev.latchkey.cli.journey.RunningServer.NINA;
import static dev.latchkey.cli.journey.RunningServer.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.latchkey.client.ClientEnvironment;
import dev.latchkey.client.ClientException;
import dev.latchkey.client.DeviceHome;
import dev.latchkey.client.EnrolledDevice;
import dev.latchkey.client.Enrolment;
import dev.latchkey.client.LatchkeyClient;
import dev.latchkey.client.LoginUri;
import dev.latchkey.client.ServerAddress;
import dev.latchkey.client.SignInRefusedException;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Waypoint;
import dev.latchkey.server.Configuration;
import dev.latchkey.server.admin.AdminClient;
import dev.latchkey.server.admin.JsonLine;
import dev.latchkey.store.DatabaseDump;
import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.socket.EventLoops;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The server goes away without a goodbye, at the worst moments, and is started again on the same
/// folder.
class HaltIT {
  @TempDir Path folder;

  private final EventLoops loops = EventLoops.start(1);

  @AfterEach
  void stop() {
    loops.close();
  }

  @ParameterizedTest
  @EnumSource(
      value = Waypoint.class,
      names = {"CODE_PROVEN", "BEFORE_REDEMPTION", "REDEEMED", "BEFORE_SUCCESS", "ANSWERED"})
  @Spec(
      doc = "latchkey",
      section = "rule 8",
      rule = "either the code is good, or the device exists and the retry gets its certificate")
  void aCodeSurvivesAHaltBetweenItsFirstByteAndItsAnswer(Waypoint point) throws Exception {
    LoginUri uri;
    boolean answered;
    try (ServerProcess halting = ServerProcess.start(folder, point.word())) {
      assertThat(halting.serves()).as("%s", halting.errors()).isTrue();
      uri = invite();
      answered = lives(uri, "phone");
      assertThat(halting.awaitEnd()).isEqualTo(86);
    }
    assertThat(answered).isIn(false, point == Waypoint.ANSWERED);
    List<Bytes> made = certificates();
    boolean spent = point != Waypoint.CODE_PROVEN && point != Waypoint.BEFORE_REDEMPTION;
    assertThat(made).hasSize(spent ? 1 : 0);
    Optional<Bytes> told = answered ? Optional.of(certificateOf("phone")) : Optional.empty();

    try (ServerProcess again = ServerProcess.start(folder, "-")) {
      assertThat(again.serves()).as("%s", again.errors()).isTrue();
      LoginUri retry = here(uri);
      if (!answered) {
        assertThat(enrol(retry, "phone").retried()).isTrue();
      }

      Bytes certificate = certificateOf("phone");
      if (spent) {
        assertThat(certificate).isEqualTo(made.getFirst());
      }
      told.ifPresent(earlier -> assertThat(certificate).isEqualTo(earlier));
      assertThat(certificates()).containsExactly(certificate);
      assertThat(devices()).hasSize(1);
      assertThatThrownBy(() -> enrol(retry, "thief")).isInstanceOf(SignInRefusedException.class);
      signIn("phone");
      assertThat(devices()).hasSize(1);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Waypoint.class,
      names = {"BEFORE_REVOCATION", "REVOKED"})
  @Spec(
      doc = "latchkey",
      section = "rule 39",
      rule = "a revocation is durable before it is answered")
  void aRevocationIsDoneOrNotDoneAfterAHalt(Waypoint point) throws Exception {
    String device;
    try (ServerProcess halting = ServerProcess.start(folder, point.word())) {
      device = enrol(invite(), "phone").account().device().value();
      assertThatThrownBy(() -> revoke(device)).isInstanceOf(Exception.class);
      assertThat(halting.awaitEnd()).isEqualTo(86);
    }
    try (ServerProcess again = ServerProcess.start(folder, "-")) {
      assertThat(again.serves()).as("%s", again.errors()).isTrue();
      if (point == Waypoint.REVOKED) {
        assertThatThrownBy(() -> signIn("phone")).isInstanceOf(SignInRefusedException.class);
      } else {
        signIn("phone");
        revoke(device);
        assertThatThrownBy(() -> signIn("phone")).isInstanceOf(SignInRefusedException.class);
      }
    }
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 40", rule = "what was answered is there after a kill")
  void everyAccountDeviceAndRevocationSurvivesAKill() throws Exception {
    LoginUri spare;
    DatabaseDump before;
    try (ServerProcess first = ServerProcess.start(folder, "-")) {
      assertThat(first.serves()).as("%s", first.errors()).isTrue();
      enrol(invite(), "kept");
      String gone = enrol(invite(), "gone").account().device().value();
      revoke(gone);
      spare = invite(new AccountJid("bob", RunningServer.DOMAIN));
      before = dump();
      first.kill();
    }
    try (ServerProcess second = ServerProcess.start(folder, "-")) {
      assertThat(second.serves()).as("%s", second.errors()).isTrue();
      assertThat(dump()).isEqualTo(before);
      assertThatThrownBy(() -> signIn("gone")).isInstanceOf(SignInRefusedException.class);
      signIn("kept");
      enrol(here(spare), "bobs");
      assertThat(devices())
          .extracting(line -> line.path("status").asText())
          .containsExactlyInAnyOrder("active", "revoked");
    }
  }

  private boolean lives(LoginUri uri, String home) {
    try {
      enrol(uri, home);
      return true;
    } catch (SignInRefusedException refused) {
      throw refused;
    } catch (ClientException lost) {
      return false;
    }
  }

  private EnrolledDevice enrol(LoginUri uri, String home) {
    return new Enrolment(uri, home(home)).name(home).in(environment()).run();
  }

  private void signIn(String home) throws Exception {
    try (LatchkeyClient client =
        LatchkeyClient.open(home(home)).server(address()).in(environment()).connect()) {
      client.ping();
    }
  }

  private ClientEnvironment environment() {
    return ClientEnvironment.ofThisMachine().withPatience(PATIENCE).sharing(loops);
  }

  private DeviceHome home(String name) {
    return DeviceHome.at(folder.resolve("homes").resolve(name));
  }

  private Bytes certificateOf(String home) throws Exception {
    return Bytes.of(home(home).certificates().getFirst().getEncoded());
  }

  private List<JsonNode> admin(JsonLine request) throws Exception {
    Configuration configuration = RunningServer.configuration(folder);
    List<JsonNode> lines = new ArrayList<>();
    new AdminClient(configuration.adminSocket()).call(request, lines::add);
    return lines;
  }

  private List<JsonNode> devices() throws Exception {
    return admin(new JsonLine().with("command", "devices").with("account", NINA.toString()));
  }

  private void revoke(String device) throws Exception {
    admin(
        new JsonLine()
            .with("command", "revoke")
            .with("account", NINA.toString())
            .with("device", device)
            .with("force", true));
  }

  private LoginUri invite() throws Exception {
    return invite(NINA);
  }

  private LoginUri invite(AccountJid account) throws Exception {
    JsonNode line =
        admin(new JsonLine().with("command", "invite").with("account", account.toString()))
            .getFirst();
    return LoginUri.parse(line.path("uri").asText());
  }

  /// The same invitation, at the port of the server that runs now.
  private LoginUri here(LoginUri uri) throws Exception {
    return new LoginUri(
        uri.account(), uri.token(), uri.resource(), uri.pin(), Optional.of(address()));
  }

  private ServerAddress address() throws Exception {
    return invite(new AccountJid("address", RunningServer.DOMAIN)).server().orElseThrow();
  }

  private DatabaseDump dump() {
    return DatabaseDump.of(RunningServer.configuration(folder).data().resolve("latchkey.db"));
  }

  private List<Bytes> certificates() {
    return dump()
        .text()
        .lines()
        .filter(line -> line.startsWith("certificate "))
        .map(line -> line.replaceAll("^.* certificate=x([0-9a-f]+) .*$", "$1"))
        .map(Bytes::hex)
        .toList();
  }
}
