// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.backend;

import dev.latchkey.chat.stanza.Iq;
import dev.latchkey.chat.storage.PrivateRequests;
import dev.latchkey.wire.element.Element;
import java.util.List;

/// What clients keep for themselves (XEP-0049).
final class PrivateService implements AccountService {
  private final PrivateRequests requests;

  PrivateService(PrivateRequests requests) {
    this.requests = requests;
  }

  @Override
  public List<String> features() {
    return List.of("jabber:iq:private");
  }

  @Override
  public boolean answers(Iq request) {
    return PrivateRequests.isOne(request);
  }

  @Override
  public Element answer(Asked asked, Iq request) {
    return requests.answer(request, asked.account().id().orElseThrow());
  }
}
