// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.backend;

import dev.latchkey.chat.delivery.Carbons;
import dev.latchkey.chat.stanza.Iq;
import dev.latchkey.chat.stanza.StanzaError;
import dev.latchkey.wire.element.Element;
import java.util.List;
import java.util.Optional;

/// Switches the copies of an account's other messages on and off (XEP-0280 §4, §5).
final class CarbonsService implements AccountService {
  @Override
  public List<String> features() {
    return List.of(Carbons.NAMESPACE);
  }

  @Override
  public boolean answers(Iq request) {
    return request.payload().namespace().equals(Carbons.NAMESPACE);
  }

  @Override
  public Element answer(Asked asked, Iq request) {
    boolean enable = request.payload().name().equals("enable");
    if (!request.isSet() || !(enable || request.payload().name().equals("disable"))) {
      return request.error(StanzaError.BAD_REQUEST);
    }
    asked.resource().carbons(enable);
    return request.result(Optional.empty());
  }
}
