// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.xtoken;

import dev.latchkey.sasl.ConnectionKind;
import dev.latchkey.sasl.MechanismName;
import dev.latchkey.sasl.SaslExchange;
import dev.latchkey.sasl.SaslMechanism;
import dev.latchkey.sasl.SignInRequest;

/// The server's half of X-TOKEN. Thread-safe if its directory is.
///
/// SECURITY: the token travels as it is, so this is for connections under TLS only, as every
/// mechanism here is.
public final class XTokenMechanism implements SaslMechanism {
  /// Its name on the wire.
  public static final MechanismName NAME = new MechanismName("X-TOKEN");

  private final TokenDirectory directory;
  private final HashComparison comparison;

  XTokenMechanism(TokenDirectory directory, HashComparison comparison) {
    this.directory = directory;
    this.comparison = comparison;
  }

  /// The mechanism over a directory.
  public static XTokenMechanism of(TokenDirectory directory) {
    return new XTokenMechanism(directory, HashComparison.CONSTANT_TIME);
  }

  @Override
  public MechanismName name() {
    return NAME;
  }

  @Override
  public boolean usableOn(ConnectionKind connection) {
    return true;
  }

  @Override
  public SaslExchange begin(SignInRequest request) {
    return new XTokenExchange(directory, comparison, request);
  }
}
