// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.wire.tls;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Provider;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.conscrypt.Conscrypt;

/// Who does TLS.
public enum TlsProvider {
  /// BoringSSL through Conscrypt: a third of the cost of the JDK's. Its native part exists for some
  /// platforms only.
  CONSCRYPT,

  /// The JDK's own.
  JSSE;

  /// The one to use: Conscrypt where it runs, else the JDK's. The same answer for the life of the
  /// process.
  public static TlsProvider best() {
    return CONSCRYPT.usable() ? CONSCRYPT : JSSE;
  }

  /// The one to use for a client that shows a certificate with this key.
  public static TlsProvider bestFor(PrivateKey key) {
    return CONSCRYPT.usable() && CONSCRYPT.canShow(key) ? CONSCRYPT : JSSE;
  }

  /// Whether it runs here.
  public boolean usable() {
    return this == JSSE || Native.CONSCRYPT.isPresent();
  }

  /// The key algorithms, by their JCA names, that a client certificate may have. A server takes
  /// with Conscrypt none with Ed25519 either: BoringSSL does not offer it, so the client shows no
  /// certificate.
  public Set<String> clientKeys() {
    return this == CONSCRYPT ? Set.of("EC", "RSA") : Set.of("EC", "RSA", "EdDSA");
  }

  /// Whether a client can show a certificate with this key.
  public boolean canShow(PrivateKey key) {
    return clientKeys().contains(Keys.algorithm(key));
  }

  /// A context of this provider.
  SSLContext context(KeyManager keys, TrustManager trust) {
    try {
      SSLContext context =
          this == CONSCRYPT
              ? SSLContext.getInstance("TLS", conscrypt())
              : SSLContext.getInstance("TLS", "SunJSSE");
      context.init(new KeyManager[] {keys}, new TrustManager[] {trust}, null);
      return context;
    } catch (GeneralSecurityException broken) {
      throw new IllegalStateException(this + " gives no TLS context", broken);
    }
  }

  /// Conscrypt itself.
  ///
  /// @throws IllegalStateException if it does not run here
  static Provider conscrypt() {
    return Native.CONSCRYPT.orElseThrow(
        () -> new IllegalStateException("Conscrypt does not run on this platform"));
  }

  /// Loaded at first use, once.
  private static final class Native {
    static final Optional<Provider> CONSCRYPT = load();

    private static Optional<Provider> load() {
      try {
        return Conscrypt.isAvailable() ? Optional.of(Conscrypt.newProvider()) : Optional.empty();
      } catch (LinkageError noNative) {
        return Optional.empty();
      }
    }
  }
}
