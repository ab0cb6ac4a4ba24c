// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.wire.tls;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/// Hands keys and chains to a TLS provider. The JDK's own over PKCS#12 would decrypt the key at
/// each handshake.
final class IdentityKeyManager extends X509ExtendedKeyManager {
  private record Prepared(
      String alias, String algorithm, PrivateKey key, List<X509Certificate> chain) {
    // Only ever handed to the provider that asks for it.
    @Override
    public String toString() {
      return "Prepared[" + alias + "]";
    }
  }

  private final TlsProvider provider;
  private final TlsIdentities identities;
  private final Map<TlsIdentity, Prepared> prepared = new ConcurrentHashMap<>();
  private final Map<String, Prepared> byAlias = new ConcurrentHashMap<>();
  private final AtomicInteger count = new AtomicInteger();
  private volatile @Nullable Last last;

  private record Last(TlsIdentity identity, Prepared prepared) {}

  IdentityKeyManager(TlsProvider provider, TlsIdentities identities) {
    this.provider = provider;
    this.identities = identities;
  }

  @Override
  public @Nullable String chooseEngineServerAlias(
      String keyType, Principal @Nullable [] issuers, SSLEngine engine) {
    return alias(requested(engine), keyType);
  }

  @Override
  public @Nullable String chooseEngineClientAlias(
      String[] keyTypes, Principal @Nullable [] issuers, SSLEngine engine) {
    // The issuers that the server names are not asked: there is one certificate, and it is meant.
    return alias(Optional.empty(), keyTypes);
  }

  private @Nullable String alias(Optional<String> serverName, String... keyTypes) {
    Prepared ready = prepared(identities.of(serverName));
    return Arrays.stream(keyTypes).map(Keys::algorithm).anyMatch(ready.algorithm::equals)
        ? ready.alias
        : null;
  }

  /// Mostly the one of the handshake before: to look it up compares keys and chains.
  @SuppressWarnings("ReferenceEquality")
  private Prepared prepared(TlsIdentity identity) {
    Last known = last;
    if (known == null || known.identity != identity) {
      known = new Last(identity, prepared.computeIfAbsent(identity, this::prepare));
      last = known;
    }
    return known.prepared;
  }

  private Prepared prepare(TlsIdentity identity) {
    PrivateKey key = provider == TlsProvider.CONSCRYPT ? forConscrypt(identity) : identity.key();
    Prepared ready =
        new Prepared(
            Integer.toString(count.incrementAndGet()),
            Keys.algorithm(identity.key()),
            key,
            identity.chain());
    byAlias.put(ready.alias, ready);
    return ready;
  }

  /// Conscrypt would translate a foreign key at each handshake.
  private static PrivateKey forConscrypt(TlsIdentity identity) {
    byte[] encoded = identity.key().getEncoded();
    if (encoded == null) {
      return identity.key(); // in a token
    }
    try {
      return KeyFactory.getInstance(Keys.algorithm(identity.key()), TlsProvider.conscrypt())
          .generatePrivate(new PKCS8EncodedKeySpec(encoded));
    } catch (GeneralSecurityException unknownKind) {
      return identity.key();
    } finally {
      Arrays.fill(encoded, (byte) 0);
    }
  }

  private static Optional<String> requested(SSLEngine engine) {
    SSLSession session = engine.getHandshakeSession();
    if (session instanceof ExtendedSSLSession extended) {
      for (SNIServerName name : extended.getRequestedServerNames()) {
        if (name instanceof SNIHostName host) {
          return Optional.of(host.getAsciiName().toLowerCase(Locale.ROOT));
        }
      }
    }
    return Optional.empty();
  }

  @Override
  public X509Certificate @Nullable [] getCertificateChain(String alias) {
    Prepared ready = byAlias.get(alias);
    return ready == null ? null : ready.chain.toArray(X509Certificate[]::new);
  }

  @Override
  public @Nullable PrivateKey getPrivateKey(String alias) {
    Prepared ready = byAlias.get(alias);
    return ready == null ? null : ready.key;
  }

  // Sockets are not used, and which aliases there are is nobody's business.

  @Override
  public @Nullable String chooseServerAlias(
      String keyType, Principal @Nullable [] issuers, Socket socket) {
    return null;
  }

  @Override
  public @Nullable String chooseClientAlias(
      String[] keyTypes, Principal @Nullable [] issuers, Socket socket) {
    return null;
  }

  @Override
  public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
    return null;
  }

  @Override
  public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
    return null;
  }
}
