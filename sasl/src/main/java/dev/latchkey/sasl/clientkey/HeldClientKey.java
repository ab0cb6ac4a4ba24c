// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.clientkey;

import dev.latchkey.credential.Secret;
import java.util.Optional;

/// What the client keeps of its key; the counter beside it.
///
/// @param clientId the name it gave the key
/// @param secret the Secret
/// @param validationKey the ValidationKey
public record HeldClientKey(String clientId, Secret secret, Secret validationKey) {
  /// Checks.
  ///
  /// @throws IllegalArgumentException if the name is empty or holds a NUL, or a part has not
  ///   [ClientKeyMaterial#LENGTH] octets
  public HeldClientKey {
    if (clientId.isEmpty() || clientId.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("a client id is not empty and holds no NUL");
    }
    if (!hasLength(secret) || !hasLength(validationKey)) {
      throw new IllegalArgumentException(
          "Secret and ValidationKey have %d octets".formatted(ClientKeyMaterial.LENGTH));
    }
  }

  /// Unmasks what the server answered a registration with.
  ///
  /// @param clientId the name that was registered
  /// @param validationKey the key that was registered
  /// @param encryptedSecret the answer
  /// @return nothing if the answer is not as long as a Secret
  public static Optional<HeldClientKey> registered(
      String clientId, Secret validationKey, Secret encryptedSecret) {
    return Optional.of(encryptedSecret)
        .filter(HeldClientKey::hasLength)
        .map(
            masked ->
                new HeldClientKey(
                    clientId,
                    Secret.of(masked.reveal().xor(validationKey.reveal())),
                    validationKey));
  }

  private static boolean hasLength(Secret part) {
    return part.reveal().length() == ClientKeyMaterial.LENGTH;
  }
}
