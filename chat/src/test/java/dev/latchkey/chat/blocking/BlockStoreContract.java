// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.blocking;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.chat.SampleAddresses;
import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Jid;
import dev.latchkey.testkit.Spec;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What every [BlockStore] does.
public abstract class BlockStoreContract {
  private static final AccountJid OWNER = AccountJid.parse("romeo@example.org");

  /// The store under test; empty at first.
  protected abstract BlockStore store();

  /// An account that is there and keeps nothing.
  protected abstract AccountId newAccount();

  private static BlockList list(String... items) {
    return BlockList.of(Arrays.stream(items).map(Jid::parse).toList());
  }

  private static BlockChange change(BlockList before, BlockList after) {
    return new BlockChange(
        OWNER, before, after, new BlockChange.Pushed("block", List.copyOf(after.items())));
  }

  @Test
  public void refusesAChangeDecidedOnAnOlderList() {
    AccountId account = newAccount();
    assertThat(store().save(account, change(BlockList.EMPTY, list("a@example.org")))).isTrue();
    assertThat(store().save(account, change(BlockList.EMPTY, list("b@example.org")))).isFalse();
    assertThat(store().load(account)).isEqualTo(list("a@example.org"));
  }

  @Test
  public void anAccountThatNeverBlockedHasAnEmptyList() {
    assertThat(store().load(newAccount())).isEqualTo(BlockList.EMPTY);
  }

  @Test
  public void keepsEveryFormOfAddressInOrder() {
    AccountId account = newAccount();
    BlockList all = list("b@example.org/x y", "a@example.org", "evil.example", "evil.example/r");
    assertThat(store().save(account, change(BlockList.EMPTY, all))).isTrue();
    assertThat(List.copyOf(store().load(account).items())).isEqualTo(List.copyOf(all.items()));
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 4", rule = "an address that is kept is the same address")
  public void keepsAddressesThatPreparationHasChanged() {
    AccountId account = newAccount();
    BlockList all = BlockList.of(SampleAddresses.ALL);
    assertThat(store().save(account, change(BlockList.EMPTY, all))).isTrue();
    assertThat(store().load(account)).isEqualTo(all);
    assertThat(store().save(account, change(all, BlockList.EMPTY))).isTrue();
    assertThat(store().load(account)).isEqualTo(BlockList.EMPTY);
  }

  @Test
  public void removesWhatIsNoLongerThere() {
    AccountId account = newAccount();
    BlockList both = list("a@example.org", "b@example.org");
    BlockList one = list("b@example.org");
    assertThat(store().save(account, change(BlockList.EMPTY, both))).isTrue();
    assertThat(store().save(account, change(both, one))).isTrue();
    assertThat(store().load(account)).isEqualTo(one);
    assertThat(store().save(account, change(one, BlockList.EMPTY))).isTrue();
    assertThat(store().load(account)).isEqualTo(BlockList.EMPTY);
  }

  @Test
  public void forgetsAnAccountAndNobodyElse() {
    AccountId account = newAccount();
    AccountId other = newAccount();
    BlockList list = list("a@example.org");
    assertThat(store().save(account, change(BlockList.EMPTY, list))).isTrue();
    assertThat(store().save(other, change(BlockList.EMPTY, list))).isTrue();
    store().forget(account);
    assertThat(store().load(account)).isEqualTo(BlockList.EMPTY);
    assertThat(store().load(other)).isEqualTo(list);
  }
}
