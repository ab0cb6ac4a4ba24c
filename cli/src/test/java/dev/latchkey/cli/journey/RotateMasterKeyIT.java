// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.journey;

import static dev.latchkey.cli.journey.RunningServer.NINA;
import static dev.latchkey.cli.journey.TokenPeer.success;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.latchkey.cli.Ran;
import dev.latchkey.client.ClientStream;
import dev.latchkey.client.LoginUri;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Secret;
import dev.latchkey.devices.TheftResponse;
import dev.latchkey.sasl.xtoken.XTokenClient;
import dev.latchkey.store.StoreException;
import dev.latchkey.store.folder.MasterKeyFile;
import dev.latchkey.testkit.Spec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `rotate-master-key` as an operator runs it, with a device of every kind enrolled.
class RotateMasterKeyIT {
  /// What a home signs in with, by its name.
  private static final Map<String, String> MECHANISMS =
      Map.of(
          "certificate", "EXTERNAL",
          "client-key", "CLIENT-KEY-PLUS",
          "fast", "HT-SHA-512-EXPR");

  @TempDir Path folder;
  private final AuthTokenSource source = new AuthTokenSource(InstantSource.system());
  private CommandLine commands;
  private Secret password;
  private Secret token;

  @BeforeEach
  void name() {
    commands = new CommandLine(folder);
  }

  private RunningServer serve() throws Exception {
    return commands.found(
        RunningServer.in(
            folder,
            source::in,
            whole -> AuthTokenSource.configured(whole, true, TheftResponse.EVENT)));
  }

  private void enrolEach(RunningServer server) throws Exception {
    for (String kind : MECHANISMS.keySet()) {
      Ran enrolled =
          Ran.latchkey(
              "enrol",
              server.invite(NINA).reveal(),
              "--credential",
              kind,
              "--home",
              server.home(kind).folder().toString());
      assertThat(enrolled.code()).as(enrolled.err()).isZero();
    }
    password =
        Secret.ofText(
            commands.operator("password", NINA.toString()).line().path("password").asText());
    token = source.issue();
  }

  private void eachSignsIn(RunningServer server) throws Exception {
    for (var each : MECHANISMS.entrySet()) {
      Ran who = CommandLine.device(server, each.getKey(), "whoami");
      assertThat(who.code()).as("%s: %s", each.getKey(), who.err()).isZero();
      assertThat(who.line().path("mechanism").asText()).isEqualTo(each.getValue());
    }
    LoginUri pinned = server.invite(NINA);
    try (ClientStream stream = server.stream(pinned, Optional.empty())) {
      success(TokenPeer.byPassword(stream, password));
    }
    try (ClientStream stream = server.stream(pinned, Optional.empty())) {
      success(stream.authenticate(stream.open(), new XTokenClient(NINA, token), List.of()));
    }
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "keys at rest",
      rule = "after a rotation everybody signs in, and the old key opens nothing")
  void everybodySignsInAfterARotationAndTheOldKeyOpensNothing() throws Exception {
    Path old = folder.resolve("old.key");
    try (RunningServer server = serve()) {
      enrolEach(server);
      Files.copy(commands.data().resolve("master.key"), old);
      assertThat(server.dump().text()).contains(sealedUnder(old));
      assertThat(filesWith(sealedUnder(old))).isNotEmpty();
      LoginUri open = server.invite(NINA);

      Ran rotated = commands.operator("rotate-master-key");

      assertThat(rotated.code()).as(rotated.err()).isZero();
      assertThat(rotated.line().path("resealed").asLong()).isPositive();
      assertThat(rotated.line().path("removed"))
          .extracting(JsonNode::asText)
          .containsExactly(id(old).toHex());
      assertThat(rotated.line().path("key").asText())
          .isEqualTo(id(commands.data().resolve("master.key")).toHex());
      assertThat(filesWith(sealedUnder(old))).as("while the server runs").isEmpty();
      eachSignsIn(server);
      assertThat(server.enrol(open, "by-a-code-from-before").account().jid()).isEqualTo(NINA);
    }
    try (RunningServer server = serve()) {
      eachSignsIn(server);
      assertThat(server.dump().text()).doesNotContain(sealedUnder(old));
    }
    assertThat(filesWith(sealedUnder(old))).isEmpty();

    Files.copy(
        old,
        commands.data().resolve("master.key"),
        StandardCopyOption.REPLACE_EXISTING,
        StandardCopyOption.COPY_ATTRIBUTES);
    assertThatThrownBy(this::serve)
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("master");
  }

  private static Bytes id(Path keyFile) {
    return MasterKeyFile.open(keyFile, new SecureRandom()).getFirst().id();
  }

  /// How everything begins that is sealed with a key, in hexadecimal.
  private static String sealedUnder(Path keyFile) {
    return "01" + id(keyFile).toHex();
  }

  /// The files of the data folder with something in them, whether or not anybody can ask for it.
  private List<Path> filesWith(String hexadecimal) throws IOException {
    List<Path> found = new ArrayList<>();
    try (Stream<Path> files = Files.walk(commands.data())) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        if (Bytes.of(Files.readAllBytes(file)).toHex().contains(hexadecimal)) {
          found.add(file);
        }
      }
    }
    return found;
  }
}
