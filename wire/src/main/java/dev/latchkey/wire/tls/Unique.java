// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.wire.tls;

import dev.latchkey.credential.Bytes;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import org.conscrypt.Conscrypt;

/// The first Finished message of a handshake (RFC 5929 §3), which only BoringSSL tells.
final class Unique {
  private Unique() {}

  /// tls-unique.
  ///
  /// @param extendedMasterSecret without it the message may be the same on two connections of a man
  ///   in the middle (RFC 7627 §1)
  static Optional<Bytes> channelBinding(SSLEngine engine, boolean extendedMasterSecret) {
    // RFC 9266 §1: TLS 1.3 has none.
    boolean defined = extendedMasterSecret && "TLSv1.2".equals(engine.getSession().getProtocol());
    return defined && engine.getClass().getName().startsWith("org.conscrypt.")
        ? Optional.ofNullable(Conscrypt.getTlsUnique(engine))
            .map(Bytes::of)
            .filter(octets -> !octets.isEmpty())
        : Optional.empty();
  }
}
