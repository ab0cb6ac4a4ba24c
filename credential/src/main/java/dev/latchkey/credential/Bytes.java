// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.credential;

import com.google.errorprone.annotations.Immutable;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.random.RandomGenerator;

/// An immutable run of octets.
///
/// Equality takes the same time wherever the difference is, so that it may be used on verifiers.
/// [#toString] tells the length only. What must never be shown belongs into a [Secret].
@Immutable
public final class Bytes {
  /// No octets at all.
  public static final Bytes EMPTY = new Bytes(new byte[0]);

  /// Never used itself, only cloned: to look it up costs as much as a short digest.
  private static final MessageDigest SHA_256 = digest();

  @SuppressWarnings("Immutable") // copied on the way in and on the way out
  private final byte[] octets;

  private Bytes(byte[] octets) {
    this.octets = octets;
  }

  /// Copies the given octets.
  public static Bytes of(byte... octets) {
    return octets.length == 0 ? EMPTY : new Bytes(octets.clone());
  }

  /// Copies some of the given octets.
  ///
  /// @throws IndexOutOfBoundsException if they do not reach so far
  public static Bytes of(byte[] octets, int offset, int length) {
    java.util.Objects.checkFromIndexSize(offset, length, octets.length);
    return new Bytes(Arrays.copyOfRange(octets, offset, offset + length));
  }

  /// The UTF-8 form of a text.
  public static Bytes utf8(String text) {
    return new Bytes(text.getBytes(StandardCharsets.UTF_8));
  }

  /// Octets drawn from the given source.
  public static Bytes random(int length, RandomGenerator random) {
    byte[] drawn = new byte[length];
    random.nextBytes(drawn);
    return new Bytes(drawn);
  }

  /// The octets of hexadecimal text.
  ///
  /// @throws IllegalArgumentException if the text is not hexadecimal
  public static Bytes hex(String text) {
    return new Bytes(HexFormat.of().parseHex(text));
  }

  /// The octets of base64 text (RFC 4648 §4, padded, no white space), or nothing if it is not.
  public static Optional<Bytes> base64(String text) {
    try {
      byte[] decoded = Base64.getDecoder().decode(text);
      // The JDK's decoder accepts text without padding; RFC 6120 §6.4.2 wants the canonical form.
      return text.length() % 4 == 0 ? Optional.of(new Bytes(decoded)) : Optional.empty();
    } catch (IllegalArgumentException notBase64) {
      return Optional.empty();
    }
  }

  /// All parts, one after another.
  public static Bytes concat(Bytes... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (Bytes part : parts) {
      all.writeBytes(part.octets);
    }
    return new Bytes(all.toByteArray());
  }

  /// lp(x) of every part, one after another: a four-octet big-endian length before each, so that no
  /// two lists of parts have the same form.
  public static Bytes lengthPrefixed(Bytes... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (Bytes part : parts) {
      all.writeBytes(ByteBuffer.allocate(4).putInt(part.octets.length).array());
      all.writeBytes(part.octets);
    }
    return new Bytes(all.toByteArray());
  }

  /// How many octets.
  public int length() {
    return octets.length;
  }

  /// Whether there are none.
  public boolean isEmpty() {
    return octets.length == 0;
  }

  /// A copy of the octets.
  public byte[] toArray() {
    return octets.clone();
  }

  /// Puts all octets into a buffer.
  ///
  /// @throws java.nio.BufferOverflowException if it has no room for them
  public void writeTo(ByteBuffer buffer) {
    buffer.put(octets);
  }

  /// The octets from an offset on, as many as told.
  ///
  /// @throws IndexOutOfBoundsException if that reaches past the end
  public Bytes slice(int offset, int length) {
    return of(octets, offset, length);
  }

  /// Octet-wise exclusive or.
  ///
  /// @throws IllegalArgumentException if the lengths differ
  public Bytes xor(Bytes other) {
    if (other.octets.length != octets.length) {
      throw new IllegalArgumentException(
          "exclusive or of %d and %d octets".formatted(octets.length, other.octets.length));
    }
    byte[] mixed = octets.clone();
    for (int i = 0; i < mixed.length; i++) {
      mixed[i] ^= other.octets[i];
    }
    return new Bytes(mixed);
  }

  private static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException absent) {
      throw new IllegalStateException("every Java platform has SHA-256", absent);
    }
  }

  /// Their SHA-256.
  public Bytes sha256() {
    MessageDigest digest;
    try {
      digest = (MessageDigest) SHA_256.clone();
    } catch (CloneNotSupportedException notByThisProvider) {
      digest = digest();
    }
    return new Bytes(digest.digest(octets));
  }

  /// Their text, if they are strict UTF-8.
  public Optional<String> toUtf8() {
    try {
      return Optional.of(
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(octets)).toString());
    } catch (java.nio.charset.CharacterCodingException notUtf8) {
      return Optional.empty();
    }
  }

  /// Base64 text (RFC 4648 §4, padded, no white space).
  public String toBase64() {
    return Base64.getEncoder().encodeToString(octets);
  }

  /// Lower-case hexadecimal text.
  public String toHex() {
    return HexFormat.of().formatHex(octets);
  }

  /// Constant-time for runs of one length.
  @Override
  public boolean equals(@org.jspecify.annotations.Nullable Object other) {
    return other instanceof Bytes that && MessageDigest.isEqual(octets, that.octets);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(octets);
  }

  @Override
  public String toString() {
    return "Bytes[" + octets.length + "]";
  }
}
