// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.credential;

import com.google.errorprone.annotations.Immutable;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// What a server keeps of a secret for SCRAM (RFC 5802 §3): it can check a proof but not make one.
@Immutable
public final class ScramVerifier {
  private final ScramHash hash;

  /// lp(StoredKey) lp(ServerKey): one secret, so that one opening is enough.
  private final Secret keys;

  private ScramVerifier(ScramHash hash, Secret keys) {
    this.hash = hash;
    this.keys = keys;
  }

  /// @param hash which hash
  /// @param storedKey H(ClientKey)
  /// @param serverKey HMAC(SaltedPassword, "Server Key"); whoever has it can pose as the server and
  ///   can make the link of an enrolment, so it is sealed at rest
  public ScramVerifier(ScramHash hash, Bytes storedKey, Secret serverKey) {
    this(hash, Secret.of(Bytes.lengthPrefixed(storedKey, serverKey.reveal())));
  }

  /// One of keys that may still be sealed.
  ///
  /// @param keys what [#keys] gave
  public static ScramVerifier ofKeys(ScramHash hash, Secret keys) {
    return new ScramVerifier(hash, keys);
  }

  /// Derives from SaltedPassword (RFC 5802 §3).
  public static ScramVerifier ofSaltedPassword(ScramHash hash, Secret saltedPassword) {
    Bytes clientKey = hash.hmac(saltedPassword.reveal(), Bytes.utf8("Client Key"));
    Bytes serverKey = hash.hmac(saltedPassword.reveal(), Bytes.utf8("Server Key"));
    return new ScramVerifier(hash, hash.hash(clientKey), Secret.of(serverKey));
  }

  /// Which hash.
  public ScramHash hash() {
    return hash;
  }

  /// Both keys in one, as they are sealed.
  public Secret keys() {
    return keys;
  }

  /// StoredKey.
  public Bytes storedKey() {
    return key(0);
  }

  /// ServerKey.
  public Secret serverKey() {
    return Secret.of(key(1));
  }

  private Bytes key(int index) {
    Bytes both = keys.reveal();
    int start = 0;
    for (int i = 0; i < index; i++) {
      start += Integer.BYTES + length(both, start);
    }
    return both.slice(start + Integer.BYTES, length(both, start));
  }

  private static int length(Bytes both, int start) {
    return ByteBuffer.wrap(both.slice(start, Integer.BYTES).toArray()).getInt();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ScramVerifier that && hash == that.hash && keys.equals(that.keys);
  }

  @Override
  public int hashCode() {
    return hash.hashCode();
  }

  @Override
  public String toString() {
    return "ScramVerifier[" + hash.word() + "]";
  }
}
