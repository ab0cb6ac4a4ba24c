// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.clientkey;

import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Secret;
import dev.latchkey.credential.Verifier;
import dev.latchkey.sasl.HmacArithmetic;
import dev.latchkey.sasl.HmacHash;
import java.util.random.RandomGenerator;

/// What the server keeps of a client key (draft §3). Neither it nor what travels at a sign-in is
/// the Secret: that is had only by who has both.
///
/// @param encryptedSecret Secret XOR ValidationKey
/// @param validator HMAC-SHA-256(EncryptedSecret, ValidationKey)
public record ClientKeyMaterial(Secret encryptedSecret, Secret validator) {
  /// How many octets Secret and ValidationKey have (rule 57).
  public static final int LENGTH = 32;

  /// That of a stored key.
  public static ClientKeyMaterial of(Verifier.ClientKey key) {
    return new ClientKeyMaterial(key.encryptedSecret(), key.validator());
  }

  /// Whether a client may register this ValidationKey: it has [#LENGTH] octets, and they are not
  /// all the same (rule 57).
  public static boolean isFit(Secret validationKey) {
    Bytes octets = validationKey.reveal();
    if (octets.length() != LENGTH) {
      return false;
    }
    byte[] each = octets.toArray();
    int differences = 0;
    for (byte octet : each) {
      differences |= octet ^ each[0];
    }
    return differences != 0;
  }

  /// Draws a Secret and masks it; the Secret itself is dropped.
  ///
  /// @param validationKey the client's
  /// @param random where the Secret is drawn; in production a SecureRandom
  /// @throws IllegalArgumentException if the key is not fit
  public static ClientKeyMaterial make(Secret validationKey, RandomGenerator random) {
    if (!isFit(validationKey)) {
      throw new IllegalArgumentException(
          "a ValidationKey has %d octets that are not all the same".formatted(LENGTH));
    }
    Secret masked = Secret.of(Bytes.random(LENGTH, random).xor(validationKey.reveal()));
    return new ClientKeyMaterial(
        masked, Secret.of(validator(HmacArithmetic.PLATFORM, masked, validationKey)));
  }

  /// Whether this is what was made of the given ValidationKey, so that a client that did not hear
  /// the answer may be given it again (rule 57). Constant-time.
  public boolean isOf(Secret validationKey) {
    return isOf(HmacArithmetic.PLATFORM, validationKey);
  }

  boolean isOf(HmacArithmetic arithmetic, Secret validationKey) {
    return validator(arithmetic, encryptedSecret, validationKey).equals(validator.reveal());
  }

  /// The Validator of two halves.
  ///
  /// @param encryptedSecret what the server keeps
  /// @param validationKey what the client alone has
  public static Secret validator(Secret encryptedSecret, Secret validationKey) {
    return Secret.of(validator(HmacArithmetic.PLATFORM, encryptedSecret, validationKey));
  }

  private static Bytes validator(
      HmacArithmetic arithmetic, Secret encryptedSecret, Secret validationKey) {
    return arithmetic.mac(HmacHash.SHA_256, encryptedSecret.reveal(), validationKey.reveal());
  }

  /// The Secret. SECURITY: called only once [#isOf] has said yes.
  Secret secret(Secret validationKey) {
    return Secret.of(encryptedSecret.reveal().xor(validationKey.reveal()));
  }
}
