// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl;

/// The server's half of a mechanism: a stateless value. Thread-safe.
public interface SaslMechanism {
  /// Its name.
  MechanismName name();

  /// Whether it can be listed on connections of this kind.
  boolean usableOn(ConnectionKind connection);

  /// Starts one exchange.
  SaslExchange begin(SignInRequest request);
}
