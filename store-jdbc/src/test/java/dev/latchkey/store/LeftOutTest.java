// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.credential.AccountId;
import org.junit.jupiter.api.Test;

final class LeftOutTest {
  private static UnreadableRowException row(String account) {
    return UnreadableRowException.ofAddress(
        new AccountId(account), new IllegalArgumentException("no address"));
  }

  @Test
  void warnsOfEachAccountOnce() {
    LeftOut leftOut = new LeftOut();
    assertThat(leftOut.add(row("acct-1"))).isTrue();
    assertThat(leftOut.add(row("acct-1"))).isFalse();
    assertThat(leftOut.add(row("acct-2"))).isTrue();
  }
}
