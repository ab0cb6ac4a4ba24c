// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.credential;

import java.time.Instant;

/// One precondition or one effect of a [CredentialStore#commit].
public sealed interface CredentialChange {
  /// Precondition: the account still has this version. It must stand before any `Put…` about an
  /// account that exists already.
  record RequireVersion(AccountId account, long version) implements CredentialChange {}

  /// Precondition: the device is active in this generation, and its account is active.
  record RequireDevice(DeviceId device, long generation) implements CredentialChange {}

  /// Effect: the account is as told (its version is the store's to count). A new one is refused as
  /// lost if another that is not deleted has the same address.
  record PutAccount(Account account) implements CredentialChange {}

  /// Effect: the device is as told; raises the account's version.
  record PutDevice(Device device) implements CredentialChange {}

  /// Effect: the credential is as told; raises the account's version.
  record PutCredential(Credential credential) implements CredentialChange {}

  /// Effect: there is no such credential any more, nor a trace of it but in the history; raises the
  /// account's version. Only what [CredentialKind#lapses] goes; of anything else it is known for
  /// ever that it was.
  record RemoveCredential(AccountId account, CredentialId credential) implements CredentialChange {}

  /// Effect: "last seen". May be written later, in batches; raises nothing.
  record Touch(AccountId account, DeviceId device, Instant lastSeen) implements CredentialChange {}

  /// Effect: a line of history; the store numbers it.
  record Append(Event event) implements CredentialChange {}

  /// Effect: something is dead for good. It is also written to the revocation log outside the
  /// database, so that an old copy of the database cannot bring it back (rule 40).
  record Withdraw(Withdrawal withdrawal) implements CredentialChange {}
}
