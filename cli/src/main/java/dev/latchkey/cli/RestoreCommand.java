// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli;

import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.DeviceId;
import dev.latchkey.credential.Waypoints;
import dev.latchkey.server.admin.JsonLine;
import dev.latchkey.store.Restoration;
import dev.latchkey.store.RestoreReport;
import dev.latchkey.store.folder.DataFolder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `restore`: puts a backup in the place of the database; the server must be stopped (rule 40).
@Command(
    name = "restore",
    mixinStandardHelpOptions = true,
    description = {
      "Puts a backup in the place of the database. Stop the server first.",
      "What was revoked or deleted since the backup stays so, and all open codes die. The database",
      "that was there is kept beside it."
    })
final class RestoreCommand implements Callable<Integer> {
  private final Console console;
  @Mixin private OperatorOptions operator = new OperatorOptions();

  @Parameters(paramLabel = "FILE", description = "What backup has written.")
  private Path file = Path.of("");

  RestoreCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    Path data = operator.data().toAbsolutePath().normalize();
    if (!Files.isDirectory(data)) {
      throw new CommandException(
          "there is no data folder \"%s\": make one (mode 700) and put master.key and revocations.log there, or give its place with --data."
              .formatted(data));
    }
    Path backup = file.toAbsolutePath().normalize();
    console.progress("checking " + backup + " ...");
    Restoration.Done done;
    try (DataFolder folder = DataFolder.open(data)) {
      done =
          new Restoration(folder, new SecureRandom(), InstantSource.system(), Waypoints.NONE)
              .putBack(backup);
    }
    RestoreReport report = done.report();
    if (operator.json()) {
      console.say(
          new JsonLine()
              .with("file", backup.toString())
              .with("kept", done.kept().map(Path::toString))
              .with("replayed", report.replayed())
              .withTexts("accounts", report.accounts().stream().map(AccountId::value).toList())
              .withTexts("devices", report.devices().stream().map(DeviceId::value).toList())
              .withTexts(
                  "certificates", report.certificates().stream().map(CredentialId::value).toList())
              .withTexts("codes", report.codes().stream().map(CredentialId::value).toList())
              .withTexts(
                  "client-keys", report.clientKeys().stream().map(CredentialId::value).toList()));
      return 0;
    }
    console.say("%s is in place.".formatted(backup));
    done.kept().ifPresent(kept -> console.say("The database from before is %s.".formatted(kept)));
    sentences(report).forEach(console::say);
    return 0;
  }

  /// What was done to an older copy, for a person.
  static List<String> sentences(RestoreReport report) {
    return List.of(
        "The revocation log knew %d things that the copy did not.".formatted(report.replayed()),
        "Deleted again: %d accounts. Revoked again: %d devices, %d certificates. Dead now: %d codes."
            .formatted(
                report.accounts().size(),
                report.devices().size(),
                report.certificates().size(),
                report.codes().size()),
        "Client keys whose counters are too old now: %d. Each may sign in once with one that is far ahead."
            .formatted(report.clientKeys().size()),
        "Tokens that were good in the copy are good; if one was called back alone since, revoke its"
            + " device.",
        "What was made since the copy is gone: devices, passwords, messages.");
  }
}
