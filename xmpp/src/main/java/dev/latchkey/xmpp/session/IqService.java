// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.session;

import dev.latchkey.chat.stanza.Iq;
import dev.latchkey.wire.element.Element;

/// One of Latchkey's own services to a session's own account: answered before the backend sees the
/// request. Thread-safe; may wait for the store.
public interface IqService {
  /// The name and namespace of the payload it answers.
  boolean answers(Iq request);

  /// The answer. A service that ends the asking session (it revoked its own device) need not care
  /// for the order: a session that is ended while it answers ends when the answer is sent.
  Element answer(SessionIdentity who, Iq request);
}
