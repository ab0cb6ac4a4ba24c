// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.DeviceId;
import java.util.List;

/// What was done to an older copy of the database, so that nothing revoked lives again (rule 40).
///
/// @param accounts deleted again
/// @param devices revoked again
/// @param certificates revoked again
/// @param codes dead now: those redeemed or revoked after the copy was made, and all that were open
/// @param replayed how many lines of the revocation log the copy did not know
public record RestoreReport(
    List<AccountId> accounts,
    List<DeviceId> devices,
    List<CredentialId> certificates,
    List<CredentialId> codes,
    int replayed) {
  /// Copies.
  public RestoreReport {
    accounts = List.copyOf(accounts);
    devices = List.copyOf(devices);
    certificates = List.copyOf(certificates);
    codes = List.copyOf(codes);
  }
}
