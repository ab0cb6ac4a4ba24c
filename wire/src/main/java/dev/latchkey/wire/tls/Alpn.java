// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.wire.tls;

import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;
import org.conscrypt.ApplicationProtocolSelector;
import org.conscrypt.Conscrypt;

/// What both sides say about protocols.
final class Alpn {
  /// TLS, the newest first.
  static final List<String> PROTOCOLS = List.of("TLSv1.3", "TLSv1.2");

  /// XEP-0368 §2: client to server over direct TLS.
  static final String XMPP_CLIENT = "xmpp-client";

  private Alpn() {}

  /// Conscrypt goes on without ALPN when no protocol fits; the JDK sends the alert that RFC 7301
  /// §3.2 asks for.
  static void refuseOthers(SSLEngine engine) {
    Conscrypt.setApplicationProtocolSelector(
        engine,
        new ApplicationProtocolSelector() {
          @Override
          public String selectApplicationProtocol(SSLEngine engine, List<String> offered) {
            return select(offered);
          }

          @Override
          public String selectApplicationProtocol(SSLSocket socket, List<String> offered) {
            return select(offered);
          }
        });
  }

  private static String select(List<String> offered) {
    if (offered.contains(XMPP_CLIENT)) {
      return XMPP_CLIENT;
    }
    throw new IllegalStateException("the client's ALPN does not name " + XMPP_CLIENT);
  }
}
