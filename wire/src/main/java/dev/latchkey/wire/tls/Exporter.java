// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.wire.tls;

import dev.latchkey.credential.Bytes;
import java.util.Optional;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLKeyException;
import org.conscrypt.Conscrypt;

/// Keying material of a TLS session (RFC 5705, RFC 8446 §7.5).
final class Exporter {
  private static final String LABEL = "EXPORTER-Channel-Binding";
  private static final int LENGTH = 32;

  private Exporter() {}

  /// RFC 9266: tls-exporter.
  ///
  /// @param extendedMasterSecret without it TLS 1.2 binds nothing: two sessions of a man in the
  ///   middle could share their master secret (RFC 9266 §4.2); Conscrypt does not look
  static Optional<Bytes> channelBinding(SSLEngine engine, boolean extendedMasterSecret) {
    boolean tls12 = "TLSv1.2".equals(engine.getSession().getProtocol());
    if (tls12 && !extendedMasterSecret) {
      return Optional.empty();
    }
    // RFC 9266 §2: the context is the empty string, which in TLS 1.2 is not the same as none.
    byte[] context = {};
    try {
      if (engine.getClass().getName().startsWith("org.conscrypt.")) {
        return usable(Conscrypt.exportKeyingMaterial(engine, LABEL, context, LENGTH));
      }
      if (!(engine.getSession() instanceof ExtendedSSLSession session)) {
        return Optional.empty();
      }
      Optional<Bytes> material = usable(session.exportKeyingMaterialData(LABEL, context, LENGTH));
      if (tls12) {
        // SECURITY: the JDK shares the session object among connections that resume it and then
        // exports for all of them what belongs to the last. So nobody resumes it.
        session.invalidate();
      }
      return material;
    } catch (SSLKeyException notExtended) {
      return Optional.empty();
    } catch (SSLException | RuntimeException impossible) {
      return Optional.empty();
    }
  }

  private static Optional<Bytes> usable(byte @org.jspecify.annotations.Nullable [] material) {
    return material != null && material.length == LENGTH
        ? Optional.of(Bytes.of(material))
        : Optional.empty();
  }
}
