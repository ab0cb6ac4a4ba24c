// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.credential;

import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/// Seals by AES-256-GCM (NIST SP 800-38D): version 1, key id (8 octets), nonce (12), ciphertext and
/// tag (16). The context is the additional authenticated data.
///
/// The nonce is random, so one key is good for 2^32 values (SP 800-38D §8.3); the key id lets older
/// keys open what they sealed after a new one took their place. Thread-safe.
public final class AesGcmSealer implements Sealer {
  private static final Bytes VERSION = Bytes.of((byte) 1);
  private static final int NONCE_LENGTH = 12;
  private static final int TAG_LENGTH = 16;
  private static final int HEAD_LENGTH = 1 + MasterKey.ID_LENGTH;

  /// So many idle ciphers are kept.
  private static final int MOST_IDLE = 64;

  private volatile List<MasterKey> keys;
  private final RandomGenerator random;

  /// To make a cipher costs several times what it then does to something as short as a key.
  private final Queue<Cipher> idle = new ArrayBlockingQueue<>(MOST_IDLE);

  /// Seals with the first key and opens with any.
  ///
  /// @param keys the key in use, then the older ones
  /// @param random a source of secrets; thread-safe
  /// @throws IllegalArgumentException if there is no key
  public AesGcmSealer(List<MasterKey> keys, RandomGenerator random) {
    if (keys.isEmpty()) {
      throw new IllegalArgumentException("sealing needs a key");
    }
    this.keys = List.copyOf(keys);
    this.random = random;
  }

  /// The key in use, then the older ones.
  public List<MasterKey> keys() {
    return keys;
  }

  /// From now on seals with a new key. The older ones still open what they sealed: who reads
  /// something now may unseal it a moment later.
  public synchronized void sealWith(MasterKey key) {
    keys = Stream.concat(Stream.of(key), keys.stream()).toList();
  }

  @Override
  public Bytes seal(Secret plain, Bytes context) {
    MasterKey key = keys.getFirst();
    Bytes head = Bytes.concat(VERSION, key.id());
    Bytes nonce = Bytes.random(NONCE_LENGTH, random);
    try {
      Bytes sealed = run(Cipher.ENCRYPT_MODE, key, nonce, head, context, plain.reveal());
      return Bytes.concat(head, nonce, sealed);
    } catch (GeneralSecurityException absent) {
      throw new IllegalStateException("every Java platform has AES-GCM", absent);
    }
  }

  @Override
  public Secret open(Bytes sealed, Bytes context) {
    if (sealed.length() < HEAD_LENGTH + NONCE_LENGTH + TAG_LENGTH
        || !sealed.slice(0, VERSION.length()).equals(VERSION)) {
      throw new SealException("a sealed value is damaged");
    }
    Bytes id = sealed.slice(VERSION.length(), MasterKey.ID_LENGTH);
    MasterKey key = key(id);
    Bytes nonce = sealed.slice(HEAD_LENGTH, NONCE_LENGTH);
    int start = HEAD_LENGTH + NONCE_LENGTH;
    try {
      return Secret.of(
          run(
              Cipher.DECRYPT_MODE,
              key,
              nonce,
              sealed.slice(0, HEAD_LENGTH),
              context,
              sealed.slice(start, sealed.length() - start)));
    } catch (AEADBadTagException refused) {
      // Without its cause: nothing of the value may reach a log.
      throw new SealException("a sealed value is damaged or stands in a place that is not its own");
    } catch (GeneralSecurityException absent) {
      throw new IllegalStateException("every Java platform has AES-GCM", absent);
    }
  }

  @Override
  public boolean isCurrent(Bytes sealed) {
    return sealed.length() >= HEAD_LENGTH
        && sealed.slice(0, HEAD_LENGTH).equals(Bytes.concat(VERSION, keys.getFirst().id()));
  }

  private MasterKey key(Bytes id) {
    for (MasterKey key : keys) {
      if (key.id().equals(id)) {
        return key;
      }
    }
    throw new SealException(
        "a value was sealed with master key " + id.toHex() + ", which is not at hand");
  }

  private Bytes run(int mode, MasterKey key, Bytes nonce, Bytes head, Bytes context, Bytes octets)
      throws GeneralSecurityException {
    Cipher known = idle.poll();
    Cipher cipher = known == null ? Cipher.getInstance("AES/GCM/NoPadding") : known;
    cipher.init(
        mode,
        new SecretKeySpec(key.octets().reveal().toArray(), "AES"),
        new GCMParameterSpec(TAG_LENGTH * Byte.SIZE, nonce.toArray()));
    cipher.updateAAD(Bytes.lengthPrefixed(head, context).toArray());
    Bytes done = Bytes.of(cipher.doFinal(octets.toArray()));
    var _ = idle.offer(cipher); // what failed is not used again
    return done;
  }
}
