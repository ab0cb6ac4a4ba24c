// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.credential;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// The hashes of SCRAM that Latchkey speaks (RFC 5802, RFC 7677).
public enum ScramHash {
  SHA_1("SHA-1", "HmacSHA1", 20),
  SHA_256("SHA-256", "HmacSHA256", 32);

  private final String word;
  private final String hmac;
  private final int length;

  ScramHash(String word, String hmac, int length) {
    this.word = word;
    this.hmac = hmac;
    this.length = length;
  }

  /// Its name, as in the mechanism's.
  public String word() {
    return word;
  }

  /// How many octets it has.
  public int length() {
    return length;
  }

  /// H(data).
  public Bytes hash(Bytes data) {
    try {
      return Bytes.of(MessageDigest.getInstance(word).digest(data.toArray()));
    } catch (GeneralSecurityException absent) {
      throw new IllegalStateException("every Java platform has " + word, absent);
    }
  }

  /// HMAC(key, data).
  public Bytes hmac(Bytes key, Bytes data) {
    return Bytes.of(keyed(key).doFinal(data.toArray()));
  }

  /// SaltedPassword := Hi(password, salt, i), RFC 5802 §2.2. Costly: i times an HMAC.
  public Secret saltedPassword(Secret password, Bytes salt, int iterations) {
    Mac mac = keyed(password.reveal());
    byte[] step =
        mac.doFinal(Bytes.concat(salt, Bytes.of((byte) 0, (byte) 0, (byte) 0, (byte) 1)).toArray());
    byte[] all = step.clone();
    for (int i = 1; i < iterations; i++) {
      step = mac.doFinal(step);
      for (int at = 0; at < all.length; at++) {
        all[at] ^= step[at];
      }
    }
    return Secret.of(Bytes.of(all));
  }

  private Mac keyed(Bytes key) {
    try {
      Mac mac = Mac.getInstance(hmac);
      // RFC 2104 §2: a key is filled up with zeros, so one zero is the empty key, which JCE
      // refuses.
      mac.init(new SecretKeySpec(key.isEmpty() ? new byte[1] : key.toArray(), hmac));
      return mac;
    } catch (GeneralSecurityException absent) {
      throw new IllegalStateException("every Java platform has " + hmac, absent);
    }
  }
}
