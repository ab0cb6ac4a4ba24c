// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl;

import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.AccountSnapshot;
import dev.latchkey.credential.Credential;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.DeviceId;
import dev.latchkey.credential.ScramHash;
import dev.latchkey.credential.Secret;
import java.util.Optional;
import java.util.OptionalLong;

/// What an exchange has proven: possession of one credential.
///
/// @param snapshot the account as the proof was checked against it: who admits it decides on this
///   and reads it no second time
/// @param credential which
/// @param device the device it belongs to and its generation when it was read; a code has none
/// @param enrolmentKey for a code: the ServerKey that matched, which ties the enrolment to it (rule
///   7)
/// @param channelBound whether the proof covered the channel
/// @param counter for a client key: the value that was used, which the commit that admits it spends
///   (rule 56)
public record Proof(
    AccountSnapshot snapshot,
    CredentialId credential,
    Optional<ProvenDevice> device,
    Optional<EnrolmentKey> enrolmentKey,
    boolean channelBound,
    OptionalLong counter) {

  /// Whose.
  public AccountId account() {
    return snapshot.account().id();
  }

  /// The account's address.
  public AccountJid jid() {
    return snapshot.account().jid();
  }

  /// A device and the generation it had when its proof was checked.
  public record ProvenDevice(DeviceId device, long generation) {
    /// That of a credential; a code has none.
    public static Optional<ProvenDevice> of(AccountSnapshot snapshot, Credential credential) {
      return credential
          .device()
          .flatMap(snapshot::device)
          .map(device -> new ProvenDevice(device.id(), device.generation()));
    }
  }

  /// The ServerKey of the very verifier that matched.
  ///
  /// @param hash its hash
  /// @param serverKey its octets
  public record EnrolmentKey(ScramHash hash, Secret serverKey) {}
}
