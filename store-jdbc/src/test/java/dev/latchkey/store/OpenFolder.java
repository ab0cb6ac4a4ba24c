// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.AesGcmSealer;
import dev.latchkey.credential.Commit;
import dev.latchkey.credential.CredentialChange;
import dev.latchkey.credential.CredentialStore;
import dev.latchkey.credential.Sealer;
import dev.latchkey.store.folder.DataFolder;
import dev.latchkey.store.folder.MasterKeyFile;
import java.nio.file.Path;
import java.util.List;
import java.util.random.RandomGenerator;

/// A data folder with its key, as a server has them open.
record OpenFolder(DataFolder folder, Sealer sealer) implements AutoCloseable {
  static OpenFolder at(Path path, RandomGenerator random) {
    DataFolder folder = DataFolder.open(path);
    return new OpenFolder(
        folder, new AesGcmSealer(MasterKeyFile.open(folder.masterKeyFile(), random), random));
  }

  JdbcCredentialStore store() {
    return JdbcCredentialStore.open(folder, sealer);
  }

  /// Commits what must succeed.
  static void commit(CredentialStore store, CredentialChange... changes) {
    Commit end = store.commit(List.of(changes));
    if (!end.equals(new Commit.Committed())) {
      throw new AssertionError(end.toString());
    }
  }

  /// The version as it stands.
  static CredentialChange guard(CredentialStore store, AccountId account) {
    return new CredentialChange.RequireVersion(
        account, store.find(account).orElseThrow().account().version());
  }

  @Override
  public void close() {
    folder.close();
  }
}
