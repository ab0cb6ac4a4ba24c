// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.bench;

import dev.latchkey.credential.Account;
import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.AccountSnapshot;
import dev.latchkey.credential.AccountStatus;
import dev.latchkey.credential.Credential;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.CredentialStatus;
import dev.latchkey.credential.Device;
import dev.latchkey.credential.DeviceId;
import dev.latchkey.credential.DeviceOrigin;
import dev.latchkey.credential.DeviceStatus;
import dev.latchkey.credential.Permissions;
import dev.latchkey.credential.Verifier;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// An account for a benchmark of a mechanism: one device that has all the credentials.
final class AccountOfTokens {
  /// When everything was made; nothing of it ever expires.
  static final Instant MADE = Instant.EPOCH;

  private AccountOfTokens() {}

  /// The account as its store would give it.
  static AccountSnapshot holding(AccountJid jid, List<? extends Verifier> verifiers) {
    Device device =
        new Device(
            new DeviceId("device"),
            new AccountId("account"),
            "phone",
            DeviceStatus.ACTIVE,
            0,
            Permissions.ALL,
            Optional.empty(),
            Optional.empty(),
            DeviceOrigin.ONE_TIME,
            false,
            MADE,
            Optional.empty());
    List<Credential> credentials =
        IntStream.range(0, verifiers.size())
            .mapToObj(
                i ->
                    new Credential(
                        new CredentialId("credential-" + i),
                        device.account(),
                        Optional.of(device.id()),
                        CredentialStatus.ACTIVE,
                        0,
                        MADE,
                        Optional.empty(),
                        verifiers.get(i)))
            .toList();
    return new AccountSnapshot(
        new Account(device.account(), jid, AccountStatus.ACTIVE, 0, MADE),
        List.of(device),
        credentials);
  }
}
