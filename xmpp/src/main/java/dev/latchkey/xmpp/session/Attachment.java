// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.session;

import dev.latchkey.wire.element.Element;
import java.util.List;

/// One bound session's place in the backend. Called by one thread at a time.
public interface Attachment {
  /// Takes a stanza from the client; its `from` is the full JID, whatever the client wrote.
  void handle(Element stanza);

  /// Takes an element that is no stanza (XEP-0352).
  ///
  /// @return whether it is one that is known here
  boolean handleOther(Element element);

  /// The client has what these are of.
  void arrived(List<Receipt> receipts);

  /// The client was away and is back (XEP-0198): what it was being handed then can go on.
  void resumed();

  /// It was asked whether it had room and had none ([ClientSide#hasRoom]), and its client has
  /// acknowledged enough since: what waited for that can go on.
  void hasRoomAgain();

  /// What is known of it here, for [Backend#revive].
  Element place();

  /// The session is over.
  ///
  /// @param undelivered what was handed to the client and may not have arrived, in order
  void end(List<Undelivered> undelivered, EndReason reason);
}
