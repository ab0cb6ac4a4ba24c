// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import dev.latchkey.credential.AesGcmSealer;
import dev.latchkey.credential.CredentialStore;
import dev.latchkey.credential.CredentialStoreContract;
import dev.latchkey.credential.MasterKey;
import dev.latchkey.store.folder.DataFolder;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

final class JdbcCredentialStoreContractTest extends CredentialStoreContract {
  @TempDir private Path temporary;
  private DataFolder folder;
  private JdbcCredentialStore store;

  @BeforeEach
  void open() {
    folder = DataFolder.open(temporary.resolve("data"));
    store =
        JdbcCredentialStore.open(folder, new AesGcmSealer(List.of(MasterKey.draw(random)), random));
  }

  @AfterEach
  void close() {
    store.close();
    folder.close();
  }

  @Override
  protected CredentialStore store() {
    return store;
  }
}
