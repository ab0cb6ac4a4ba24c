// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.wire.tls;

import dev.latchkey.credential.Bytes;
import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertStore;
import java.security.cert.CertificateException;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/// Checks what a server shows: path, purpose, name.
final class ServerCertificateCheck extends X509ExtendedTrustManager {
  private static final String SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
  private static final String ANY_PURPOSE = "2.5.29.37.0";

  private final ServerName name;
  private final ServerTrust trust;
  private final @Nullable X509TrustManager platform;

  ServerCertificateCheck(ServerName name, ServerTrust trust) {
    this.name = name;
    this.trust = trust;
    this.platform =
        trust instanceof ServerTrust.AgainstDomain(Set<X509Certificate> anchors)
            ? platform(anchors)
            : null;
  }

  private void check(X509Certificate[] chain, String type) throws CertificateException {
    try {
      if (platform != null) {
        // Conscrypt's word for TLS 1.3, where the key exchange tells nothing of the certificate.
        platform.checkServerTrusted(chain, type.equals("GENERIC") ? "UNKNOWN" : type);
      }
      if (trust instanceof ServerTrust.Pinned pinned) {
        path(chain, pinned);
      }
      name.check(chain[0]);
    } catch (GeneralSecurityException refused) {
      throw new UntrustedServerException(explain(chain, refused), refused);
    }
  }

  /// The JDK's check of path and purpose.
  private static X509TrustManager platform(Set<X509Certificate> anchors) {
    try {
      TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX", "SunJSSE");
      if (anchors.isEmpty()) {
        factory.init((KeyStore) null);
      } else {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        int number = 0;
        for (X509Certificate anchor : anchors) {
          store.setCertificateEntry("anchor-" + number++, anchor);
        }
        factory.init(store);
      }
      for (TrustManager manager : factory.getTrustManagers()) {
        if (manager instanceof X509TrustManager certificates) {
          return certificates;
        }
      }
      throw new IllegalStateException("the JDK has no trust manager");
    } catch (GeneralSecurityException | IOException broken) {
      throw new IllegalStateException("the trust anchors cannot be used", broken);
    }
  }

  private static void path(X509Certificate[] chain, ServerTrust.Pinned pinned)
      throws GeneralSecurityException {
    X509Certificate leaf = chain[0];
    leaf.checkValidity();
    List<String> purposes = leaf.getExtendedKeyUsage();
    if (purposes != null && !purposes.contains(SERVER_AUTH) && !purposes.contains(ANY_PURPOSE)) {
      throw new CertificateException("the certificate is not for servers");
    }
    Set<TrustAnchor> anchors =
        Arrays.stream(chain)
            .filter(pinned::matches)
            .map(anchor -> new TrustAnchor(anchor, null))
            .collect(Collectors.toUnmodifiableSet());
    if (anchors.isEmpty()) {
      throw new CertificateException("no certificate of the chain has the expected pin");
    }
    if (pinned.matches(leaf)) {
      return; // nothing stands between it and the anchor, which it is itself
    }
    X509CertSelector target = new X509CertSelector();
    target.setCertificate(leaf);
    PKIXBuilderParameters parameters = new PKIXBuilderParameters(anchors, target);
    parameters.setRevocationEnabled(false);
    parameters.addCertStore(
        CertStore.getInstance("Collection", new CollectionCertStoreParameters(List.of(chain))));
    CertPathBuilder.getInstance("PKIX").build(parameters);
  }

  private String explain(X509Certificate[] chain, Exception refused) {
    StringBuilder text = new StringBuilder("the certificate of ").append(name.ascii());
    text.append(" is not trusted: ").append(refused.getMessage());
    if (trust instanceof ServerTrust.Pinned(Bytes pin)) {
      text.append("; expected pin sha-256:").append(pin.toHex());
    }
    text.append("; the server's chain has");
    for (X509Certificate certificate : chain) {
      text.append(" sha-256:").append(ServerTrust.pinOf(certificate).toHex());
      text.append(" (").append(certificate.getSubjectX500Principal()).append(')');
    }
    return text.toString();
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    check(chain, type);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    check(chain, type);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    check(chain, type);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {
    throw new IllegalStateException("this is the client's side");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {
    throw new IllegalStateException("this is the client's side");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) {
    throw new IllegalStateException("this is the client's side");
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return List.<X509Certificate>of().toArray(X509Certificate[]::new);
  }
}
