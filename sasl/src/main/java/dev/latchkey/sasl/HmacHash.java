// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl;

import dev.latchkey.credential.Bytes;
import java.security.GeneralSecurityException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// The hashes that token mechanisms compute HMAC (RFC 2104) with.
public enum HmacHash {
  SHA_256("SHA-256", "HmacSHA256", 32),
  SHA_512("SHA-512", "HmacSHA512", 64);

  private final String word;
  private final String algorithm;
  private final int length;

  /// Never used itself, only cloned: to look the algorithm up costs as much as a short MAC.
  @SuppressWarnings("Immutable")
  private final Mac prototype;

  HmacHash(String word, String algorithm, int length) {
    this.word = word;
    this.algorithm = algorithm;
    this.length = length;
    try {
      this.prototype = Mac.getInstance(algorithm);
      prototype.init(
          new SecretKeySpec(new byte[length], algorithm)); // what can be cloned has a key
    } catch (GeneralSecurityException absent) {
      throw new IllegalStateException("every Java platform has " + algorithm, absent);
    }
  }

  /// Its name, as in a mechanism's.
  public String word() {
    return word;
  }

  /// How many octets a MAC has.
  public int length() {
    return length;
  }

  /// HMAC(key, data).
  ///
  /// @throws IllegalArgumentException if the key is empty
  public Bytes mac(Bytes key, Bytes data) {
    try {
      Mac mac = fresh();
      mac.init(new SecretKeySpec(key.toArray(), algorithm));
      return Bytes.of(mac.doFinal(data.toArray()));
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException(algorithm + " takes any key", impossible);
    }
  }

  private Mac fresh() throws GeneralSecurityException {
    try {
      return (Mac) prototype.clone();
    } catch (CloneNotSupportedException notByThisProvider) {
      return Mac.getInstance(algorithm);
    }
  }
}
