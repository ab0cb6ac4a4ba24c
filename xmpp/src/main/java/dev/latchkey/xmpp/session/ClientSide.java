// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.session;

import dev.latchkey.credential.Jid;
import dev.latchkey.wire.element.Element;

/// A session as the backend sees it. Thread-safe.
public interface ClientSide {
  /// Its full JID.
  Jid jid();

  /// Who it is.
  SessionIdentity identity();

  /// Hands a stanza to the client. Never waits.
  void deliver(Element stanza);
}
