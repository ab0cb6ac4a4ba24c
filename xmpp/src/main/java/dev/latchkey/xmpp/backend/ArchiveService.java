// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.backend;

import dev.latchkey.chat.history.ArchiveRequests;
import dev.latchkey.chat.stanza.Iq;
import dev.latchkey.wire.element.Element;
import java.util.List;

/// An account's archive (XEP-0313), for its own sessions only: to everybody else it is not there.
final class ArchiveService implements AccountService {
  private final ArchiveRequests requests;

  ArchiveService(ArchiveRequests requests) {
    this.requests = requests;
  }

  @Override
  public List<String> features() {
    return ArchiveRequests.FEATURES;
  }

  @Override
  public boolean answers(Iq request) {
    return ArchiveRequests.isArchiveRequest(request);
  }

  @Override
  public Element answer(Asked asked, Iq request) {
    LocalAccount account = asked.account();
    ArchiveRequests.Answer answer =
        requests.answer(request, account.id().orElseThrow(), account.jid());
    account.forgetPreferences(); // the request may have changed them
    asked.before().addAll(answer.messages());
    return answer.iq();
  }
}
