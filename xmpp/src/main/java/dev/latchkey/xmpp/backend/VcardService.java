// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.backend;

import dev.latchkey.chat.stanza.Iq;
import dev.latchkey.chat.storage.StorageNamespaces;
import dev.latchkey.chat.storage.VcardRequests;
import dev.latchkey.credential.Jid;
import dev.latchkey.wire.element.Element;
import java.util.List;
import java.util.Optional;

/// An account's card (XEP-0054): its owner's to write, its contacts' to read.
final class VcardService implements AccountService {
  private final VcardRequests requests;

  VcardService(VcardRequests requests) {
    this.requests = requests;
  }

  @Override
  public List<String> features() {
    return List.of(StorageNamespaces.VCARD);
  }

  @Override
  public boolean answers(Iq request) {
    return VcardRequests.isOne(request);
  }

  @Override
  public Element answer(Asked asked, Iq request) {
    return requests.own(request, asked.account().id().orElseThrow());
  }

  @Override
  public Optional<Element> answerOther(
      LocalAccount account, Jid asker, Iq request, List<Runnable> after) {
    return Optional.of(requests.foreign(request, account.id(), account.roster().shows(asker)));
  }
}
