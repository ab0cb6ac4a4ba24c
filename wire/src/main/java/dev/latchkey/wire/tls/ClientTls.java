// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.wire.tls;

import dev.latchkey.credential.Domain;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.conscrypt.Conscrypt;

/// The client's side of TLS, for one server. Engines made by one value resume each other's
/// sessions. Thread-safe.
public final class ClientTls {
  // Sessions are kept under host and port, and there is only one server here.
  private static final int ANY_PORT = 5222;

  private final TlsProvider provider;
  private final ServerName name;
  private final SSLContext context;

  private ClientTls(TlsProvider provider, ServerName name, SSLContext context) {
    this.provider = provider;
    this.name = name;
    this.context = context;
  }

  /// For the server of a domain.
  ///
  /// @param domain asked for by SNI, and what the certificate must name
  /// @param identity shown if the server wants one
  /// @throws IllegalArgumentException if the provider cannot show a certificate with such a key
  public static ClientTls of(
      TlsProvider provider, Domain domain, Optional<TlsIdentity> identity, ServerTrust trust) {
    identity.ifPresent(
        shown -> {
          if (!provider.canShow(shown.key())) {
            throw new IllegalArgumentException(
                "%s cannot show a certificate with a %s key"
                    .formatted(provider, shown.key().getAlgorithm()));
          }
        });
    ServerName name = new ServerName(domain);
    return new ClientTls(
        provider,
        name,
        provider.context(
            identity.isPresent()
                ? new IdentityKeyManager(provider, asked -> identity.get())
                : new NoIdentity(),
            new ServerCertificateCheck(name, trust)));
  }

  /// Who does it.
  public TlsProvider provider() {
    return provider;
  }

  /// An engine for one connection.
  ///
  /// @param direct whether TLS starts at once (XEP-0368), so that ALPN names the protocol
  public SSLEngine engine(boolean direct) {
    SSLEngine engine = context.createSSLEngine(name.ascii(), ANY_PORT);
    engine.setUseClientMode(true);
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setProtocols(Alpn.PROTOCOLS.toArray(String[]::new));
    name.sni().ifPresent(sni -> parameters.setServerNames(List.of(sni)));
    if (direct) {
      parameters.setApplicationProtocols(new String[] {Alpn.XMPP_CLIENT});
    }
    engine.setSSLParameters(parameters);
    if (provider == TlsProvider.CONSCRYPT) {
      Conscrypt.setBufferAllocator(engine, SharedBuffers.OF_THIS_PROCESS);
      Conscrypt.setUseSessionTickets(engine, true);
    }
    return engine;
  }
}
