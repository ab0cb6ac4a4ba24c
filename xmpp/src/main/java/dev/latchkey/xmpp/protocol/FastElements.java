// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.protocol;

import static dev.latchkey.wire.element.Namespaces.FAST;

import dev.latchkey.devices.IssuedToken;
import dev.latchkey.sasl.MechanismName;
import dev.latchkey.wire.element.Element;
import java.util.List;

/// XEP-0484's elements, as the server writes them.
public final class FastElements {
  private FastElements() {}

  /// The mechanisms that tokens are good for. 0-RTT is not offered: no TLS stack here can tell what
  /// came in it.
  public static Element offer(List<MechanismName> mechanisms) {
    return Element.named("fast", FAST)
        .children(
            mechanisms.stream().map(name -> Element.text("mechanism", FAST, name.text())).toList())
        .build();
  }

  /// A new token. SECURITY: the only place where one is shown.
  public static Element token(IssuedToken issued) {
    return Element.named("token", FAST)
        .attribute("token", issued.token().revealText())
        .attribute("expiry", Times.text(issued.expires()))
        .build();
  }
}
