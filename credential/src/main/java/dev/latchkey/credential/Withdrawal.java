// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.credential;

/// What an old copy of the database must not bring back (rule 40).
public sealed interface Withdrawal {
  /// A revoked device: no generation below this one is good any more.
  record OfDevice(DeviceId device, long generation) implements Withdrawal {}

  /// A code that was redeemed or revoked.
  record OfCode(CredentialId code) implements Withdrawal {}

  /// A deleted account, with all that hangs on it.
  record OfAccount(AccountId account) implements Withdrawal {}

  /// A certificate, by the SHA-256 of its DER.
  record OfCertificate(Bytes fingerprint) implements Withdrawal {}
}
