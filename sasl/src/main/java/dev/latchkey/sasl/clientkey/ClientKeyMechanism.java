// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.clientkey;

import dev.latchkey.sasl.ConnectionKind;
import dev.latchkey.sasl.HmacArithmetic;
import dev.latchkey.sasl.MechanismName;
import dev.latchkey.sasl.SaslExchange;
import dev.latchkey.sasl.SaslMechanism;
import dev.latchkey.sasl.SignInRequest;

/// The server's half of one CLIENT-KEY mechanism. Thread-safe if its directory is.
public final class ClientKeyMechanism implements SaslMechanism {
  private final ClientKeyVariant variant;
  private final ClientKeyDirectory directory;
  private final HmacArithmetic arithmetic;

  ClientKeyMechanism(
      ClientKeyVariant variant, ClientKeyDirectory directory, HmacArithmetic arithmetic) {
    this.variant = variant;
    this.directory = directory;
    this.arithmetic = arithmetic;
  }

  /// One mechanism.
  public static ClientKeyMechanism of(ClientKeyVariant variant, ClientKeyDirectory directory) {
    return new ClientKeyMechanism(variant, directory, HmacArithmetic.PLATFORM);
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
    return new ClientKeyExchange(variant, directory, arithmetic, request);
  }
}
