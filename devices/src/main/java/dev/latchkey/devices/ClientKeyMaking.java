// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import dev.latchkey.credential.AccountSnapshot;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Credential;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.CredentialStatus;
import dev.latchkey.credential.Device;
import dev.latchkey.credential.DeviceId;
import dev.latchkey.credential.Secret;
import dev.latchkey.credential.Verifier;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// Writes down client keys (rule 57); commits nothing.
final class ClientKeyMaking {
  static final int OCTETS = 32;
  private static final int LONGEST_ID = 256;

  private final Surroundings surroundings;
  private final ClientKeyValidator validator;
  private final Duration longestLife;

  ClientKeyMaking(Surroundings surroundings, ClientKeyValidator validator, Duration longestLife) {
    this.surroundings = surroundings;
    this.validator = validator;
    this.longestLife = longestLife;
  }

  /// What is wrong with a wish by itself.
  Optional<Refusal> fault(ClientKeyWish wish) {
    Bytes key = wish.key().reveal();
    if (key.length() != OCTETS
        || isOfOneValue(key)
        || wish.id().isEmpty()
        || wish.id().length() > LONGEST_ID
        || wish.id().codePoints().anyMatch(DeviceNames::misleads)) {
      return Optional.of(Refusal.BAD_REQUEST);
    }
    if (DeviceNames.prepare(wish.name()).isEmpty()) {
      return Optional.of(Refusal.BAD_NAME);
    }
    return wish.life().filter(life -> !life.isPositive()).map(_ -> Refusal.BAD_LIFE);
  }

  /// All octets alike: a client without randomness.
  private static boolean isOfOneValue(Bytes key) {
    Bytes first = key.slice(0, 1);
    for (int i = 1; i < key.length(); i++) {
      if (!key.slice(i, 1).equals(first)) {
        return false;
      }
    }
    return true;
  }

  /// The live key of this id, whoever has it.
  Optional<Credential> live(AccountSnapshot account, String id) {
    return account.credentials().stream()
        .filter(credential -> account.isLive(credential, surroundings.now()))
        .filter(
            credential ->
                credential.verifier() instanceof Verifier.ClientKey key
                    && key.clientId().equals(id))
        .findAny();
  }

  /// Whether it is this device's and made of this ValidationKey: then it is the same registration,
  /// come again.
  boolean isSame(Credential credential, DeviceId device, Secret validationKey) {
    Verifier.ClientKey key = (Verifier.ClientKey) credential.verifier();
    return credential.device().equals(Optional.of(device))
        && validator.of(key.encryptedSecret(), validationKey).equals(key.validator());
  }

  /// A new key of a device. Of the ValidationKey and of the Secret nothing stays here.
  Credential make(Device device, ClientKeyWish wish) {
    return make(device, wish, Bytes.random(OCTETS, surroundings.random()));
  }

  /// The same with the given Secret.
  Credential make(Device device, ClientKeyWish wish, Bytes secret) {
    Instant now = surroundings.now();
    Secret encrypted = Secret.of(secret.xor(wish.key().reveal()));
    Duration life =
        wish.life().filter(wished -> wished.compareTo(longestLife) < 0).orElse(longestLife);
    return new Credential(
        CredentialId.draw(surroundings.random()),
        device.account(),
        Optional.of(device.id()),
        CredentialStatus.ACTIVE,
        device.generation(),
        now,
        Optional.of(now.plus(life)),
        new Verifier.ClientKey(
            wish.id(),
            DeviceNames.prepare(wish.name()).orElseThrow(),
            encrypted,
            validator.of(encrypted, wish.key()),
            0,
            0,
            false));
  }
}
