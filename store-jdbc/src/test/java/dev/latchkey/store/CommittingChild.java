// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import dev.latchkey.credential.Account;
import dev.latchkey.credential.AccountSnapshot;
import dev.latchkey.credential.Actor;
import dev.latchkey.credential.Commit;
import dev.latchkey.credential.Credential;
import dev.latchkey.credential.CredentialChange;
import dev.latchkey.credential.Device;
import dev.latchkey.credential.Samples;
import dev.latchkey.testkit.SeededRandom;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// A process that commits without end and says what was acknowledged, for [KillIT] to kill.
final class CommittingChild {
  private CommittingChild() {}

  /// Commits in the folder of the first argument; the second one names its accounts.
  public static void main(String[] arguments) throws Exception {
    SeededRandom random = SeededRandom.announced();
    Samples samples = new Samples(random);
    JdbcCredentialStore store = OpenFolder.at(Path.of(arguments[0]), random).store();
    for (int i = 0; i < 4; i++) {
      Account account = samples.account("user" + i + "." + arguments[1] + "@chat.example");
      expect(store.commit(List.of(new CredentialChange.PutAccount(account))));
      Thread.ofPlatform().start(() -> commitForever(store, samples, account));
    }
  }

  private static void commitForever(JdbcCredentialStore store, Samples samples, Account account) {
    while (true) {
      Device device = samples.device(account.id());
      Credential certificate =
          samples.credential(account.id(), Optional.of(device.id()), samples.certificate());
      AccountSnapshot before = store.find(account.id()).orElseThrow();
      expect(
          store.commit(
              before
                  .edit(new Actor.Operator(), Samples.NOW)
                  .put(device)
                  .put(certificate)
                  .changes()));
      say("added", account, device);
      AccountSnapshot between = store.find(account.id()).orElseThrow();
      expect(
          store.commit(
              between
                  .edit(new Actor.Operator(), Samples.NOW)
                  .revoke(device, List.of(certificate), Optional.empty())
                  .changes()));
      say("revoked", account, device);
    }
  }

  private static void expect(Commit end) {
    if (!end.equals(new Commit.Committed())) {
      throw new AssertionError(end.toString());
    }
  }

  private static synchronized void say(String what, Account account, Device device) {
    System.out.println(what + " " + account.id() + " " + device.id() + " .");
    System.out.flush();
  }
}
