// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.DeviceId;
import java.util.List;

/// What was done to an older copy of the database, so that nothing revoked lives again (rule 40).
///
/// Tokens that were live in the copy are live: whether a newer one has taken their place since, or
/// their owner has ended one of them alone, nobody can tell. What their device's revocation ended
/// is revoked with it.
///
/// @param accounts deleted again
/// @param devices revoked again
/// @param certificates revoked again
/// @param codes dead now: those redeemed or revoked after the copy was made, and all that were open
/// @param clientKeys whose counters are too old now, so that each may once sign in with one that is
///   far ahead
/// @param replayed how many lines of the revocation log the copy did not know
public record RestoreReport(
    List<AccountId> accounts,
    List<DeviceId> devices,
    List<CredentialId> certificates,
    List<CredentialId> codes,
    List<CredentialId> clientKeys,
    int replayed) {
  /// Nothing: the database was no older copy.
  public static final RestoreReport NOTHING =
      new RestoreReport(List.of(), List.of(), List.of(), List.of(), List.of(), 0);

  /// Copies.
  public RestoreReport {
    accounts = List.copyOf(accounts);
    devices = List.copyOf(devices);
    certificates = List.copyOf(certificates);
    codes = List.copyOf(codes);
    clientKeys = List.copyOf(clientKeys);
  }
}
