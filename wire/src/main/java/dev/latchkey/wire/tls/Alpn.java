// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.wire.tls;

import java.util.List;

/// What both sides say about protocols.
final class Alpn {
  /// TLS, the newest first.
  static final List<String> PROTOCOLS = List.of("TLSv1.3", "TLSv1.2");

  /// XEP-0368 §2: client to server over direct TLS.
  static final String XMPP_CLIENT = "xmpp-client";

  private Alpn() {}
}
