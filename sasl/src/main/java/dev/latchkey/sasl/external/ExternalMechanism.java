// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.external;

import dev.latchkey.credential.Domain;
import dev.latchkey.sasl.ConnectionKind;
import dev.latchkey.sasl.MechanismName;
import dev.latchkey.sasl.SaslExchange;
import dev.latchkey.sasl.SaslMechanism;
import dev.latchkey.sasl.SignInRequest;
import java.time.InstantSource;
import java.util.Set;

/// The server's half of EXTERNAL over TLS. Thread-safe if its registry is.
public final class ExternalMechanism implements SaslMechanism {
  /// Its name on the wire.
  public static final MechanismName NAME = new MechanismName("EXTERNAL");

  private final CertificateRegistry registry;
  private final Set<Domain> served;
  private final InstantSource clock;
  private final KnownCertificates certificates = new KnownCertificates();

  /// Decides by the given registry.
  ///
  /// @param registry where certificates are listed
  /// @param served all domains of this server
  /// @param clock what decides whether a certificate has expired
  public ExternalMechanism(CertificateRegistry registry, Set<Domain> served, InstantSource clock) {
    this.registry = registry;
    this.served = Set.copyOf(served);
    this.clock = clock;
  }

  @Override
  public MechanismName name() {
    return NAME;
  }

  /// Where a certificate was shown, whatever it is: whether it is known is told nobody before.
  @Override
  public boolean usableOn(ConnectionKind connection) {
    return connection.certificate();
  }

  @Override
  public SaslExchange begin(SignInRequest request) {
    return new ExternalExchange(registry, certificates, served, clock, request);
  }
}
