// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.credential;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The changes that one decision about an account makes, in the words of the model. They hold only
/// for the version of the account they were decided on.
///
/// Not thread-safe: made, filled and committed by one thread.
public final class AccountEdit {
  private final AccountId account;
  private final Actor actor;
  private final Instant at;
  private final List<CredentialChange> changes = new ArrayList<>();

  AccountEdit(AccountSnapshot snapshot, Actor actor, Instant at) {
    this.account = snapshot.account().id();
    this.actor = actor;
    this.at = at;
    changes.add(new CredentialChange.RequireVersion(account, snapshot.account().version()));
  }

  /// Writes the account.
  public AccountEdit put(Account changed) {
    changes.add(new CredentialChange.PutAccount(changed));
    return this;
  }

  /// Deletes the account. Its devices and codes must be revoked beside (rule 4).
  public AccountEdit delete(Account deleted) {
    put(deleted.withStatus(AccountStatus.DELETED));
    withdraw(new Withdrawal.OfAccount(deleted.id()));
    return record(EventKind.ACCOUNT_DELETED, Optional.empty(), Optional.empty(), Optional.empty());
  }

  /// Writes a device.
  public AccountEdit put(Device device) {
    changes.add(new CredentialChange.PutDevice(device));
    return this;
  }

  /// Writes a credential.
  public AccountEdit put(Credential credential) {
    changes.add(new CredentialChange.PutCredential(credential));
    return this;
  }

  /// Removes a credential that [CredentialKind#lapses].
  public AccountEdit remove(Credential credential) {
    changes.add(new CredentialChange.RemoveCredential(account, credential.id()));
    return this;
  }

  /// Revokes a device with all its credentials, one generation on.
  public AccountEdit revoke(Device device, List<Credential> credentials, Optional<String> reason) {
    Device revoked = device.revoked();
    put(revoked);
    withdraw(new Withdrawal.OfDevice(revoked.id(), revoked.generation()));
    for (Credential credential : credentials) {
      revoke(credential);
    }
    return record(EventKind.REVOKED, Optional.of(device.id()), Optional.empty(), reason);
  }

  /// Revokes one credential.
  public AccountEdit revoke(Credential credential) {
    put(credential.withStatus(CredentialStatus.REVOKED));
    switch (credential.verifier()) {
      case Verifier.Certificate certificate ->
          withdraw(new Withdrawal.OfCertificate(certificate.fingerprint()));
      case Verifier.OneTime _ -> withdraw(new Withdrawal.OfCode(credential.id()));
      // Dead with their device, which is withdrawn beside, or alone, which a backup may undo.
      case Verifier.Password _, Verifier.Fast _, Verifier.ClientKey _, Verifier.AuthToken _ -> {}
    }
    return this;
  }

  /// Marks a code as redeemed.
  public AccountEdit redeem(Credential code, Verifier.Redemption redemption) {
    Verifier.OneTime verifier = (Verifier.OneTime) code.verifier();
    put(
        code.withStatus(CredentialStatus.REDEEMED)
            .withVerifier(
                new Verifier.OneTime(
                    verifier.keys(),
                    verifier.grant(),
                    Optional.of(redemption),
                    verifier.failedTasks())));
    return withdraw(new Withdrawal.OfCode(code.id()));
  }

  /// Writes a line of history.
  public AccountEdit record(
      EventKind kind,
      Optional<DeviceId> device,
      Optional<CredentialId> credential,
      Optional<String> reason) {
    changes.add(
        new CredentialChange.Append(
            new Event(0, account, at, kind, actor, device, credential, reason)));
    return this;
  }

  private AccountEdit withdraw(Withdrawal withdrawal) {
    changes.add(new CredentialChange.Withdraw(withdrawal));
    return this;
  }

  /// What to commit.
  public List<CredentialChange> changes() {
    return List.copyOf(changes);
  }
}
