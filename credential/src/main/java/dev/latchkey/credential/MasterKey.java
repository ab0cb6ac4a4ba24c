// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.credential;

import com.google.errorprone.annotations.Immutable;
import java.util.random.RandomGenerator;

/// A key that other secrets are sealed with; kept in a file of its own, outside the database.
@Immutable
public final class MasterKey {
  /// How many octets a key has: AES-256.
  public static final int LENGTH = 32;

  static final int ID_LENGTH = 8;

  private final Secret octets;
  private final Bytes id;

  private MasterKey(Secret octets) {
    this.octets = octets;
    this.id =
        ScramHash.SHA_256
            .hmac(octets.reveal(), Bytes.utf8("latchkey master key id"))
            .slice(0, ID_LENGTH);
  }

  /// The key of these octets.
  ///
  /// @throws IllegalArgumentException if there are not 32 of them
  public static MasterKey of(Secret octets) {
    int length = octets.reveal().length();
    if (length != LENGTH) {
      throw new IllegalArgumentException("a master key has 32 octets, not " + length);
    }
    return new MasterKey(octets);
  }

  /// Draws a new one.
  ///
  /// @param random a source of secrets
  public static MasterKey draw(RandomGenerator random) {
    return new MasterKey(Secret.of(Bytes.random(LENGTH, random)));
  }

  /// Its id: eight octets computed from the key, which do not tell the key. Public; stands in all
  /// that is sealed with it.
  public Bytes id() {
    return id;
  }

  /// The octets of the key.
  public Secret octets() {
    return octets;
  }

  @Override
  public String toString() {
    return "MasterKey[" + id.toHex() + "]";
  }
}
