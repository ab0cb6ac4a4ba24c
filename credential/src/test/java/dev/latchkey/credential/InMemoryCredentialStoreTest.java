// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.credential;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class InMemoryCredentialStoreTest extends CredentialStoreContract {
  private final InMemoryCredentialStore store = new InMemoryCredentialStore();

  @Override
  protected CredentialStore store() {
    return store;
  }

  @Test
  void remembersWhatWasWithdrawn() {
    Account account = newAccount("nina@chat.example");
    Device device = newDevice(account.id());
    commit(new CredentialChange.Withdraw(new Withdrawal.OfDevice(device.id(), 2)));
    assertThat(store.withdrawals()).isEqualTo(List.of(new Withdrawal.OfDevice(device.id(), 2)));
  }
}
