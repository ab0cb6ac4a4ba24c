// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.session;

import dev.latchkey.credential.Jid;
import dev.latchkey.wire.element.Element;
import java.util.List;
import java.util.Optional;

/// A session as the backend sees it. Thread-safe.
public interface ClientSide {
  /// Its full JID.
  Jid jid();

  /// Who it is.
  SessionIdentity identity();

  /// Hands a stanza to the client, or keeps it while the client is away. Never waits: a client that
  /// does not read, or does not acknowledge, is cut off when too much waits for it.
  ///
  /// @return whether it was taken; if not, the session is over
  boolean deliver(Element stanza);

  /// Hands over a stanza of which [Attachment#arrived] or [Attachment#end] will hear again.
  ///
  /// @return whether it was taken; if not, the session is over, and nothing will be heard
  boolean deliver(Element stanza, Receipt receipt);

  /// Whether what is handed over will be acknowledged or come back (XEP-0198); if not, a receipt
  /// comes back at once.
  boolean acknowledges();

  /// What is known of the stanzas that it was handed and has not acknowledged: they come to it
  /// again by themselves, or back ([Attachment#end]).
  List<Receipt> unacknowledged();

  /// Whether it is to be handed more that can also wait or be refused. If not, it is over, or its
  /// client has much to acknowledge: [Attachment#hasRoomAgain] says when it has. Handed more all
  /// the same, it ends in the end.
  boolean hasRoom();

  /// Hands over one of many stanzas that the client has asked for: waits until it has read those
  /// before. Only where nobody else waits for the caller.
  ///
  /// @param receipt as for [#deliver(Element, Receipt)]
  /// @return whether it was handed over; if not, the session is over, or its client is away, just
  ///   coming back, or does not read
  boolean deliverPatiently(Element stanza, Optional<Receipt> receipt);
}
