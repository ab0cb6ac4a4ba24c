// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.scram;

import dev.latchkey.credential.Bytes;
import dev.latchkey.sasl.ConnectionKind;
import dev.latchkey.sasl.MechanismName;
import dev.latchkey.sasl.SaslExchange;
import dev.latchkey.sasl.SaslMechanism;
import dev.latchkey.sasl.SignInRequest;
import java.util.List;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/// The server's half of one SCRAM mechanism. Thread-safe if its directory and its randomness are.
public final class ScramMechanism implements SaslMechanism {
  private static final int NONCE_OCTETS = 24;

  private final ScramVariant variant;
  private final ScramDirectory directory;
  private final Supplier<String> nonces;
  private final ScramArithmetic arithmetic;

  ScramMechanism(
      ScramVariant variant,
      ScramDirectory directory,
      Supplier<String> nonces,
      ScramArithmetic arithmetic) {
    this.variant = variant;
    this.directory = directory;
    this.nonces = nonces;
    this.arithmetic = arithmetic;
  }

  /// One mechanism.
  ///
  /// @param random where nonces are drawn; in production a SecureRandom
  public static ScramMechanism of(
      ScramVariant variant, ScramDirectory directory, RandomGenerator random) {
    return new ScramMechanism(
        variant,
        directory,
        // Base64 is printable and has no comma, as RFC 5802 §7 wants of a nonce.
        () -> Bytes.random(NONCE_OCTETS, random).toBase64(),
        ScramArithmetic.PLATFORM);
  }

  /// All of them, the strongest first.
  public static List<SaslMechanism> all(ScramDirectory directory, RandomGenerator random) {
    return ScramVariant.BY_PREFERENCE.stream()
        .<SaslMechanism>map(variant -> of(variant, directory, random))
        .toList();
  }

  @Override
  public MechanismName name() {
    return variant.mechanism();
  }

  @Override
  public boolean usableOn(ConnectionKind connection) {
    return !variant.bindsToChannel() || !connection.channelBindings().isEmpty();
  }

  @Override
  public SaslExchange begin(SignInRequest request) {
    return new ScramExchange(variant, directory, nonces.get(), arithmetic, request);
  }
}
