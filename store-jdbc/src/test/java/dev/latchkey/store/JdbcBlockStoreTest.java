// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.chat.blocking.BlockChange;
import dev.latchkey.chat.blocking.BlockList;
import dev.latchkey.chat.blocking.BlockStore;
import dev.latchkey.chat.blocking.BlockStoreContract;
import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Jid;
import dev.latchkey.testkit.Spec;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class JdbcBlockStoreTest extends BlockStoreContract {
  @TempDir private Path folder;
  private ChatDatabase chat;
  private JdbcBlockStore store;

  @BeforeEach
  void open() {
    chat = new ChatDatabase(folder);
    store = new JdbcBlockStore(chat.database());
  }

  @AfterEach
  void close() {
    chat.close();
  }

  @Override
  protected BlockStore store() {
    return store;
  }

  @Override
  protected AccountId newAccount() {
    return chat.newAccount();
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "design",
      rule = "a row with an address that is none to this version is left out")
  void leavesOutAnAddressThatItCannotRead() {
    AccountId account = newAccount();
    AccountJid owner = AccountJid.parse("romeo@example.org");
    BlockList both = BlockList.of(List.of(Jid.parse("a.example"), Jid.parse("b.example")));
    BlockChange.Pushed pushed = new BlockChange.Pushed("block", List.copyOf(both.items()));
    store.save(account, new BlockChange(owner, BlockList.EMPTY, both, pushed));
    chat.spoil("blocked", "jid", "a.example");

    BlockList rest = BlockList.of(List.of(Jid.parse("b.example")));
    assertThat(store.load(account)).isEqualTo(rest);
    assertThat(store.save(account, new BlockChange(owner, rest, BlockList.EMPTY, pushed))).isTrue();
    assertThat(store.load(account)).isEqualTo(BlockList.EMPTY);
  }

  @Test
  void whatASessionOfADeletedAccountSavesIsDropped() {
    AccountId account = newAccount();
    chat.delete(account);
    AccountJid owner = AccountJid.parse("romeo@example.org");
    BlockList list = BlockList.of(List.of(Jid.parse("evil.example")));
    BlockChange.Pushed pushed = new BlockChange.Pushed("block", List.copyOf(list.items()));
    assertThat(store.save(account, new BlockChange(owner, BlockList.EMPTY, list, pushed))).isTrue();
    assertThat(store.load(account)).isEqualTo(BlockList.EMPTY);
  }
}
