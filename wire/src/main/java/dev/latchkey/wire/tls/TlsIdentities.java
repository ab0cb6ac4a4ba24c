// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.wire.tls;

import java.util.Optional;

/// The identities that a server has. What it answers may change at any time and counts from the
/// next handshake on. Called by event loops: it must not wait.
@FunctionalInterface
public interface TlsIdentities {
  /// The one to show.
  ///
  /// @param serverName what the client asked for by SNI, in lower case
  TlsIdentity of(Optional<String> serverName);
}
