// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.credential;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// An account with all its devices and credentials, as they stood at one moment.
///
/// @param account the account
/// @param devices all of them, revoked ones too
/// @param credentials all of them, dead ones too
public record AccountSnapshot(Account account, List<Device> devices, List<Credential> credentials) {
  /// Copies.
  public AccountSnapshot {
    devices = List.copyOf(devices);
    credentials = List.copyOf(credentials);
  }

  /// The device with this id.
  public Optional<Device> device(DeviceId id) {
    for (Device device : devices) { // asked several times for every sign-in: no stream
      if (device.id().equals(id)) {
        return Optional.of(device);
      }
    }
    return Optional.empty();
  }

  /// The credential with this id.
  public Optional<Credential> credential(CredentialId id) {
    for (Credential credential : credentials) {
      if (credential.id().equals(id)) {
        return Optional.of(credential);
      }
    }
    return Optional.empty();
  }

  /// The credentials of a device.
  public Stream<Credential> credentialsOf(DeviceId device) {
    return credentials.stream()
        .filter(credential -> credential.device().filter(device::equals).isPresent());
  }

  /// The device, if it may act now: active, of this generation, in an active account.
  public Optional<Device> acting(DeviceId id, long generation) {
    return device(id)
        .filter(
            device ->
                account.status() == AccountStatus.ACTIVE
                    && device.status() == DeviceStatus.ACTIVE
                    && device.generation() == generation);
  }

  /// Whether a credential is live: active (a code: also redeemed), not expired, its device active
  /// and of the generation it was made at, its account active (for a code: or reserved).
  ///
  /// Nothing that is not live signs in, resumes or derives.
  public boolean isLive(Credential credential, Instant now) {
    if (credential.isExpired(now)) {
      return false;
    }
    return switch (credential.verifier()) {
      case Verifier.OneTime code -> isLive(credential, code);
      case Verifier.Certificate _,
          Verifier.Password _,
          Verifier.Fast _,
          Verifier.ClientKey _,
          Verifier.AuthToken _ ->
          credential.status() == CredentialStatus.ACTIVE
              && credential
                  .device()
                  .flatMap(device -> acting(device, credential.generation()))
                  .isPresent();
    };
  }

  private boolean isLive(Credential credential, Verifier.OneTime code) {
    boolean accountStands =
        account.status() == AccountStatus.ACTIVE || account.status() == AccountStatus.RESERVED;
    return accountStands
        && switch (credential.status()) {
          // Rule 13: a code dies with the device that issued it.
          case ACTIVE ->
              code.grant()
                  .issuer()
                  .map(issuer -> acting(issuer.device(), issuer.generation()).isPresent())
                  .orElse(true);
          // Rule 8: good for the same answer again, as long as the device it made lives.
          case REDEEMED ->
              code.redemption()
                  .flatMap(redemption -> device(redemption.device()))
                  .filter(device -> device.status() == DeviceStatus.ACTIVE)
                  .isPresent();
          case SUPERSEDED, DISABLED, REVOKED -> false;
        };
  }

  /// Starts to write down a change of this account.
  public AccountEdit edit(Actor actor, Instant at) {
    return new AccountEdit(this, actor, at);
  }
}
