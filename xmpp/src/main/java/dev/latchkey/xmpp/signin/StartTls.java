// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.signin;

import dev.latchkey.credential.Domain;
import javax.net.ssl.SSLEngine;

/// Makes the server's side of TLS for a stream. Thread-safe.
@FunctionalInterface
public interface StartTls {
  /// An engine for one handshake.
  ///
  /// @param domain which the stream is to: whose certificate is shown to a client that sends no SNI
  SSLEngine engine(Domain domain);
}
