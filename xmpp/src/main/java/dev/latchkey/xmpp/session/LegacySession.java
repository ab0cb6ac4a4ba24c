// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.session;

import dev.latchkey.chat.stanza.Iq;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.util.Optional;

/// COMPAT: clients of RFC 3921 ask for a session after binding; it has always been there.
public final class LegacySession implements IqService {
  @Override
  public boolean answers(Iq request) {
    return request.isSet() && request.payload().is("session", Namespaces.SESSION);
  }

  @Override
  public Element answer(SessionIdentity who, Iq request) {
    return request.result(Optional.empty());
  }
}
