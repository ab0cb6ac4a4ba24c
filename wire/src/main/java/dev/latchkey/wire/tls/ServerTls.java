// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.wire.tls;

import java.net.Socket;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.X509ExtendedTrustManager;
import org.conscrypt.Conscrypt;

/// The server's side of TLS. Thread-safe.
///
/// A client certificate is wanted and not needed, and any is taken: who it belongs to, and whether
/// it still counts, is decided by SASL EXTERNAL at each login, because a resumed session brings the
/// old certificate back without asking anybody.
public final class ServerTls {
  /// What a session knows under this name if a certificate was shown on this connection.
  private static final String SHOWN = ServerTls.class.getName() + ".shown";

  private final TlsProvider provider;
  private final SSLContext context;

  private ServerTls(TlsProvider provider, SSLContext context) {
    this.provider = provider;
    this.context = context;
  }

  /// With the given provider.
  ///
  /// @param identities asked at each full handshake
  public static ServerTls of(TlsProvider provider, TlsIdentities identities) {
    return new ServerTls(
        provider,
        provider.context(new IdentityKeyManager(provider, identities), new AnyClientCertificate()));
  }

  /// Who does it.
  public TlsProvider provider() {
    return provider;
  }

  /// The application protocols that a client may name by ALPN where TLS starts at once (XEP-0368
  /// §2). If it names only others, whoever runs the handshake must refuse it, because not every
  /// provider does.
  public static List<String> directProtocols() {
    return List.of(Alpn.XMPP_CLIENT);
  }

  /// An engine for one connection.
  ///
  /// @param direct whether TLS starts at once, where the client may name [#directProtocols]
  public SSLEngine engine(boolean direct) {
    SSLEngine engine = context.createSSLEngine();
    engine.setUseClientMode(false);
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setProtocols(Alpn.PROTOCOLS.toArray(String[]::new));
    parameters.setWantClientAuth(true);
    if (direct) {
      parameters.setApplicationProtocols(directProtocols().toArray(String[]::new));
    }
    engine.setSSLParameters(parameters);
    if (provider == TlsProvider.CONSCRYPT) {
      Conscrypt.setBufferAllocator(engine, SharedBuffers.OF_THIS_PROCESS);
      Conscrypt.setUseSessionTickets(engine, true); // off by default; without it 1.3 never resumes
    }
    return engine;
  }

  /// Whether a client is known to have shown no certificate in a full handshake. A session that is
  /// asked for one throws, with a stack as deep as the pipeline, and that costs as much as a
  /// fiftieth of the handshake.
  ///
  /// @param engine of a server
  static boolean sawNoCertificate(SSLEngine engine) {
    return Conscrypt.isConscrypt(engine) && engine.getSession().getValue(SHOWN) == null;
  }

  /// Takes any certificate. It names no issuers, because some clients then show none.
  private static final class AnyClientCertificate extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {
      if (Conscrypt.isConscrypt(engine)) { // whose engines have one session from first to last
        engine.getSession().putValue(SHOWN, true);
      }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {
      throw new IllegalStateException("this is the server's side");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {
      throw new IllegalStateException("this is the server's side");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {
      throw new IllegalStateException("this is the server's side");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return List.<X509Certificate>of().toArray(X509Certificate[]::new);
    }
  }
}
