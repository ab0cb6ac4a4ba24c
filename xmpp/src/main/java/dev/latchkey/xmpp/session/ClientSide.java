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

  /// Hands a stanza to the client. Never waits: a client that does not read is cut off when too
  /// much waits for it.
  void deliver(Element stanza);

  /// Hands over one of many stanzas that the client has asked for: waits until it has read those
  /// before. Only where nobody else waits for the caller.
  ///
  /// @return whether it was handed over; if not, the session is over or the client does not read
  boolean deliverPatiently(Element stanza);
}
