// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.journey;

import static dev.latchkey.cli.journey.RunningServer.NINA;
import static dev.latchkey.cli.journey.RunningServer.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.latchkey.client.LoginUri;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Waypoints;
import dev.latchkey.server.admin.AdminException;
import dev.latchkey.server.admin.JsonLine;
import dev.latchkey.store.BackupException;
import dev.latchkey.store.Restoration;
import dev.latchkey.store.folder.DataFolder;
import dev.latchkey.store.folder.DataFolderException;
import dev.latchkey.testkit.Spec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A backup while devices come and go, and what does not come back with it (rule 40).
class BackupIT {
  private static final AccountJid OTTO = new AccountJid("otto", RunningServer.DOMAIN);

  @TempDir Path folder;

  private JsonNode backup(RunningServer server, Path file) throws AdminException {
    return server
        .admin(new JsonLine().with("command", "backup").with("file", file.toString()))
        .getFirst();
  }

  private Restoration.Done restore(Path file) {
    try (DataFolder data = DataFolder.open(folder.resolve("data"))) {
      return new Restoration(data, new SecureRandom(), InstantSource.system(), Waypoints.NONE)
          .putBack(file);
    }
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 40",
      rule = "restoring a backup brings nothing back that was revoked since")
  void whatWasRevokedAfterABackupUnderLoadStaysRevoked() throws Exception {
    Path file = folder.resolve("backup.db");
    LoginUri open;
    String lost;
    try (RunningServer server = RunningServer.in(folder)) {
      server.enrol(server.invite(NINA), "phone");
      lost = server.enrol(server.invite(NINA), "lost").account().device().value();
      server.enrol(server.invite(OTTO), "otto");
      open = server.invite(NINA);

      AtomicBoolean enough = new AtomicBoolean();
      CompletableFuture<Integer> load =
          CompletableFuture.supplyAsync(
              () -> {
                int made = 0;
                try {
                  for (; !enough.get() || made == 0; made++) {
                    server.invite(new AccountJid("load" + made, RunningServer.DOMAIN));
                  }
                } catch (AdminException failed) {
                  throw new AssertionError(failed);
                }
                return made;
              },
              Thread::startVirtualThread);
      JsonNode made = backup(server, file);
      enough.set(true);
      assertThat(load.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isPositive();
      assertThat(made.path("file").asText()).isEqualTo(file.toString());
      assertThat(made.path("bytes").asLong()).isEqualTo(Files.size(file));
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
          .isEqualTo("rw-------");

      assertThatThrownBy(() -> backup(server, file))
          .isInstanceOf(AdminException.class)
          .hasMessageContaining("is there already");
      assertThatThrownBy(() -> restore(file))
          .isInstanceOf(DataFolderException.class)
          .hasMessageContaining("Stop it");

      server.revoke(NINA, lost);
      server.admin(new JsonLine().with("command", "delete").with("account", OTTO.toString()));
    }

    Restoration.Done done = restore(file);
    assertThat(done.kept()).hasValueSatisfying(kept -> assertThat(kept).exists());
    assertThat(done.report().devices())
        .extracting(device -> device.value())
        .contains(lost)
        .hasSize(2);
    assertThat(done.report().accounts()).hasSize(1);
    assertThat(done.report().codes()).isNotEmpty();
    assertThat(leftBeside()).isEmpty();

    try (RunningServer server = RunningServer.in(folder)) {
      assertThat(server.devices(NINA))
          .filteredOn(device -> device.path("status").asText().equals("active"))
          .hasSize(1);
      assertThat(server.devices(NINA))
          .filteredOn(device -> device.path("id").asText().equals(lost))
          .singleElement()
          .satisfies(device -> assertThat(device.path("status").asText()).isEqualTo("revoked"));
      assertThatThrownBy(() -> server.devices(OTTO))
          .isInstanceOf(AdminException.class)
          .hasMessageContaining("there is no account");
      // The ports are others now, so the homes cannot sign in; the code is tried where it is.
      LoginUri now = server.invite(NINA);
      assertThat(now.token().canonical()).isNotEqualTo(open.token().canonical());
    }
  }

  private List<Path> leftBeside() throws IOException {
    try (var files = Files.list(folder.resolve("data"))) {
      return files.filter(file -> file.getFileName().toString().contains("restoring")).toList();
    }
  }

  @Test
  void refusesToWriteWhereItCannot() throws Exception {
    try (RunningServer server = RunningServer.in(folder)) {
      for (Path file :
          List.of(
              folder.resolve("missing/backup.db"),
              Files.createDirectory(folder.resolve("there")),
              Files.createSymbolicLink(folder.resolve("link"), folder.resolve("nowhere")))) {
        assertThatThrownBy(() -> backup(server, file))
            .as("%s", file)
            .isInstanceOfSatisfying(
                AdminException.class, refused -> assertThat(refused.code()).isEqualTo(1));
      }
      assertThatThrownBy(() -> backup(server, Path.of("relative.db")))
          .isInstanceOfSatisfying(
              AdminException.class, refused -> assertThat(refused.code()).isEqualTo(2));
      assertThat(folder.resolve("nowhere")).doesNotExist();
    }
  }

  @Test
  void refusesWhatIsNoBackupOfThisFolderAndChangesNothing() throws Exception {
    Path file = folder.resolve("backup.db");
    try (RunningServer server = RunningServer.in(folder)) {
      server.enrol(server.invite(NINA), "phone");
      backup(server, file);
    }
    Path data = folder.resolve("data");
    byte[] before = Files.readAllBytes(data.resolve("latchkey.db"));
    byte[] whole = Files.readAllBytes(file);

    refuses(folder.resolve("nothing.db"), "there is no file");
    refuses(Files.createSymbolicLink(folder.resolve("link.db"), file), "is a link");
    refuses(data.resolve("latchkey.db"), "is the database itself");
    refuses(Files.createFile(folder.resolve("empty.db")), "it is empty");
    refuses(Files.writeString(folder.resolve("text.db"), "x".repeat(9000)), "is no database");
    refuses(
        Files.write(folder.resolve("short.db"), java.util.Arrays.copyOf(whole, whole.length / 2)),
        "is truncated");
    byte[] garbled = whole.clone();
    for (int i = 4096; i < 12_288; i++) {
      garbled[i] = (byte) 0xa5;
    }
    refuses(Files.write(folder.resolve("garbled.db"), garbled), "is damaged");

    Path log = data.resolve("revocations.log");
    Path aside = Files.move(log, data.resolve("aside.log"));
    refuses(file, "there is no \"" + log);
    Files.move(aside, log);
    Path key = data.resolve("master.key");
    Path keyAside = Files.move(key, data.resolve("aside.key"));
    refuses(file, "there is no \"" + key);
    assertThat(key).doesNotExist();
    Files.move(keyAside, key);
    assertThat(Files.readAllBytes(data.resolve("latchkey.db"))).isEqualTo(before);
    assertThat(leftBeside()).isEmpty();

    Path other = folder.resolve("other");
    Files.createDirectory(other);
    try (RunningServer server = RunningServer.in(other)) {
      backup(server, other.resolve("backup.db"));
    }
    refuses(other.resolve("backup.db"), "another master key");
  }

  private void refuses(Path file, String because) {
    assertThatThrownBy(() -> restore(file))
        .isInstanceOf(BackupException.class)
        .hasMessageContaining(because);
  }

  @Test
  void putsABackupIntoANewFolderWithTheOldKeyAndLog() throws Exception {
    Path file = folder.resolve("backup.db");
    try (RunningServer server = RunningServer.in(folder)) {
      server.enrol(server.invite(NINA), "phone");
      backup(server, file);
    }
    Path data = folder.resolve("data");
    Files.delete(data.resolve("latchkey.db"));
    Restoration.Done done = restore(file);
    assertThat(done.kept()).isEmpty();
    try (RunningServer server = RunningServer.in(folder)) {
      assertThat(server.devices(NINA)).hasSize(1);
    }
  }
}
