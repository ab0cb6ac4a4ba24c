// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.journey;

import static dev.latchkey.cli.journey.RunningServer.DOMAIN;
import static dev.latchkey.cli.journey.RunningServer.NINA;
import static dev.latchkey.cli.journey.TokenPeer.condition;
import static dev.latchkey.cli.journey.TokenPeer.failure;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.latchkey.cli.Ran;
import dev.latchkey.client.ClientStream;
import dev.latchkey.client.LoginUri;
import dev.latchkey.client.SaslOutcome;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Waypoint;
import dev.latchkey.sasl.external.ExternalClient;
import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Namespaces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// `backup` and `restore` as an operator runs them, and a machine that stops in the midst of it
/// (rule 40).
class RestoreIT {
  private static final AccountJid OTTO = new AccountJid("otto", DOMAIN);

  @TempDir Path folder;
  private CommandLine commands;
  private Path file;

  @BeforeEach
  void name() {
    commands = new CommandLine(folder);
    file = folder.resolve("monday.db");
  }

  private RunningServer serve() throws Exception {
    return commands.found(RunningServer.in(folder));
  }

  private Ran operator(String... arguments) {
    return commands.operator(arguments);
  }

  private static String enrol(RunningServer server, AccountJid account, String home)
      throws Exception {
    return server.enrol(server.invite(account), home).account().device().value();
  }

  private static SaslOutcome signIn(RunningServer server, String home) throws Exception {
    try (ClientStream stream = CountingClient.dial(server, NINA, home)) {
      return stream.authenticate(stream.open(), new ExternalClient(NINA), List.of());
    }
  }

  private static void isRevoked(SaslOutcome outcome) {
    assertThat(condition(outcome)).isEqualTo("not-authorized");
    assertThat(failure(outcome).child("credential-revoked", Namespaces.LATCHKEY_EVENTS))
        .isPresent();
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 40",
      rule = "restoring a backup brings nothing back that was revoked since")
  void whatABackupHoldsIsBackAndWhatWasRevokedSinceIsNot() throws Exception {
    String lost;
    try (RunningServer server = serve()) {
      String _ = enrol(server, NINA, "phone");
      lost = enrol(server, NINA, "lost");
      String _ = enrol(server, OTTO, "otto");
      String uri = operator("invite", NINA.toString()).line().path("uri").asText();
      assertThat(uri).isNotEmpty(); // a code that is open when the copy is made
      assertThat(CommandLine.device(server, "phone", "send", OTTO.toString(), "on Sunday").code())
          .isZero();

      Ran backup = operator("backup", file.toString());
      assertThat(backup.code()).as(backup.err()).isZero();
      assertThat(backup.line().path("bytes").asLong()).isEqualTo(Files.size(file));

      assertThat(operator("revoke", NINA.toString(), lost).code()).isZero();
      String _ = enrol(server, NINA, "tablet");
      assertThat(CommandLine.device(server, "tablet", "send", OTTO.toString(), "on Tuesday").code())
          .isZero();
      Ran running = operator("restore", file.toString());
      assertThat(running.code()).isEqualTo(1);
      assertThat(running.err()).contains("Stop it");
    }

    Ran restored = operator("restore", file.toString());

    assertThat(restored.code()).as(restored.err()).isZero();
    JsonNode report = restored.line();
    assertThat(report.path("file").asText()).isEqualTo(file.toString());
    assertThat(Path.of(report.path("kept").asText())).exists();
    assertThat(report.path("devices")).extracting(JsonNode::asText).containsExactly(lost);
    assertThat(report.path("codes")).hasSizeGreaterThanOrEqualTo(1);
    assertThat(report.path("replayed").asInt()).isPositive();
    assertThat(report.path("accounts")).isEmpty();
    try (RunningServer server = serve()) {
      assertThat(CommandLine.device(server, "phone", "whoami").code()).isZero();
      Ran dead = CommandLine.device(server, "lost", "whoami");
      assertThat(dead.code()).isEqualTo(1);
      assertThat(dead.err()).contains("revoked");
      isRevoked(signIn(server, "lost"));
      assertThat(failure(signIn(server, "tablet")).children()).as("never heard of").hasSize(1);
      assertThat(operator("devices", NINA.toString()).lines())
          .extracting(device -> device.path("status").asText())
          .containsExactlyInAnyOrder("active", "revoked");
      assertThat(operator("audit", NINA.toString()).lines())
          .filteredOn(event -> event.path("device").asText().equals(lost))
          .last()
          .satisfies(
              event -> {
                assertThat(event.path("event").asText()).isEqualTo("revoked");
                assertThat(event.path("reason").asText()).contains("older copy");
              });
      assertThat(CommandLine.device(server, "phone", "send", OTTO.toString(), "on Friday").code())
          .isZero();
      try (Program listen = Program.latchkey(folder, CommandLine.words(server, "otto", "listen"))) {
        listen.await("on Sunday");
        listen.await("on Friday");
        assertThat(listen.said()).doesNotContain("on Tuesday");
      }
    }
  }

  @Test
  void tellsAPersonWhatWasDone() throws Exception {
    try (RunningServer server = serve()) {
      String lost = enrol(server, NINA, "lost");
      assertThat(operator("backup", file.toString()).code()).isZero();
      assertThat(operator("revoke", NINA.toString(), lost, "--force").code()).isZero();
    }
    Ran restored = Ran.latchkey("restore", file.toString(), "--data", commands.data().toString());
    assertThat(restored.code()).as(restored.err()).isZero();
    assertThat(restored.out())
        .contains(
            file + " is in place.",
            ".before-restore-",
            "Revoked again: 1 devices",
            "What was made since the copy is gone");
  }

  @ParameterizedTest
  @EnumSource(
      value = Waypoint.class,
      names = {"BACKUP_CHECKED", "BEFORE_BACKUP_IN_PLACE", "BACKUP_IN_PLACE"})
  @Spec(
      doc = "latchkey",
      section = "rule 40",
      rule = "wherever a restore is interrupted, nothing comes back that was revoked")
  void whereverARestoreHaltsARevokedDeviceStaysOut(Waypoint point) throws Exception {
    String lost;
    try (RunningServer server = serve()) {
      String _ = enrol(server, NINA, "phone");
      lost = enrol(server, NINA, "lost");
      assertThat(operator("backup", file.toString()).code()).isZero();
      server.revoke(NINA, lost);
      String _ = enrol(server, NINA, "tablet");
    }
    halt(point);
    assertThat(unfinished().isEmpty())
        .as("the copy itself took the database's place")
        .isEqualTo(point == Waypoint.BACKUP_IN_PLACE);

    // Twice: the first start writes into the log what only the copy knows.
    for (int start = 0; start < 2; start++) {
      try (RunningServer server = serve()) {
        isRevoked(signIn(server, "lost"));
        assertThat(signIn(server, "phone")).isInstanceOf(SaslOutcome.Succeeded.class);
        assertThat(signIn(server, "tablet") instanceof SaslOutcome.Succeeded)
            .as("the one database or the other")
            .isEqualTo(point != Waypoint.BACKUP_IN_PLACE);
      }
      assertThat(unfinished()).isEmpty();
    }

    Ran again = operator("restore", file.toString());
    assertThat(again.code()).as(again.err()).isZero();
    assertThat(again.line().path("devices")).extracting(JsonNode::asText).contains(lost);
    try (RunningServer server = serve()) {
      isRevoked(signIn(server, "lost"));
      assertThat(signIn(server, "phone")).isInstanceOf(SaslOutcome.Succeeded.class);
      assertThat(signIn(server, "tablet")).isInstanceOf(SaslOutcome.Failed.class);
    }
  }

  private List<Path> unfinished() throws IOException {
    try (var files = Files.list(commands.data())) {
      return files.filter(file -> file.toString().contains("restoring")).toList();
    }
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 40", rule = "after a restore no open code is good")
  void codesOfACopyAreDeadAlsoWhereARestoreHaltsAndNothingWasRevokedSince() throws Exception {
    LoginUri open;
    try (RunningServer server = serve()) {
      String _ = enrol(server, NINA, "phone");
      open = server.invite(NINA);
      assertThat(operator("backup", file.toString()).code()).isZero();
    }
    halt(Waypoint.BACKUP_IN_PLACE);

    try (RunningServer server = serve();
        ClientStream stream = server.stream(server.invite(OTTO), Optional.empty())) {
      SaslOutcome outcome =
          stream.authenticate(
              stream.open(), HandMade.code(stream, open), List.of(Peer.enrol("csr")));
      assertThat(condition(outcome)).isEqualTo("not-authorized");
      assertThat(signIn(server, "phone")).isInstanceOf(SaslOutcome.Succeeded.class);
    }
  }

  /// Restores in a process that halts there.
  private void halt(Waypoint point) throws Exception {
    Process process =
        new ProcessBuilder(
                JavaCommand.of(
                    HaltingRestore.class.getName(),
                    List.of(commands.data().toString(), file.toString(), point.word())))
            .inheritIO()
            .start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(HaltingServer.HALTED);
  }
}
