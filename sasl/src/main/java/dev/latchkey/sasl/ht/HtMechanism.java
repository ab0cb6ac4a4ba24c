// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.ht;

import dev.latchkey.sasl.ConnectionKind;
import dev.latchkey.sasl.HmacArithmetic;
import dev.latchkey.sasl.MechanismName;
import dev.latchkey.sasl.SaslExchange;
import dev.latchkey.sasl.SaslMechanism;
import dev.latchkey.sasl.SignInRequest;
import java.util.List;

/// The server's half of one HT mechanism. Thread-safe if its directory is.
public final class HtMechanism implements SaslMechanism {
  private final HtVariant variant;
  private final HtDirectory directory;
  private final TokenTrial trial;

  HtMechanism(HtVariant variant, HtDirectory directory, HmacArithmetic arithmetic) {
    this.variant = variant;
    this.directory = directory;
    this.trial = new TokenTrial(arithmetic, variant);
  }

  /// One mechanism.
  public static HtMechanism of(HtVariant variant, HtDirectory directory) {
    return new HtMechanism(variant, directory, HmacArithmetic.PLATFORM);
  }

  /// All of them, the strongest first.
  public static List<SaslMechanism> all(HtDirectory directory) {
    return HtVariant.BY_PREFERENCE.stream()
        .<SaslMechanism>map(variant -> of(variant, directory))
        .toList();
  }

  @Override
  public MechanismName name() {
    return variant.mechanism();
  }

  /// Where what it binds to is there: so -ENDP is not listed with an Ed25519 certificate, which has
  /// no end-point binding (rule 62), and -UNIQ not on TLS 1.3.
  @Override
  public boolean usableOn(ConnectionKind connection) {
    return variant.binding().map(connection.channelBindings()::contains).orElse(true);
  }

  @Override
  public SaslExchange begin(SignInRequest request) {
    return new HtExchange(variant, directory, trial, request);
  }
}
