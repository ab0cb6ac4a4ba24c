// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.backend;

import dev.latchkey.chat.blocking.BlockAnswer;
import dev.latchkey.chat.blocking.BlockChange;
import dev.latchkey.chat.blocking.BlockNamespaces;
import dev.latchkey.chat.blocking.BlockRequests;
import dev.latchkey.chat.blocking.BlockStore;
import dev.latchkey.chat.stanza.Iq;
import dev.latchkey.chat.stanza.StanzaError;
import dev.latchkey.wire.element.Element;
import java.util.List;
import java.util.function.Supplier;

/// Whom an account wants nothing to do with (XEP-0191).
final class BlockService implements AccountService {
  private final BlockStore store;
  private final PresenceRouting presence;
  private final Supplier<String> ids;

  BlockService(BlockStore store, PresenceRouting presence, Supplier<String> ids) {
    this.store = store;
    this.presence = presence;
    this.ids = ids;
  }

  @Override
  public List<String> features() {
    return List.of(BlockNamespaces.BLOCKING);
  }

  @Override
  public boolean answers(Iq request) {
    return BlockRequests.isOne(request);
  }

  @Override
  public Element answer(Asked asked, Iq request) {
    LocalAccount account = asked.account();
    BlockAnswer answer = BlockRequests.answer(request, account.jid(), account.blockList());
    if (answer.interested()) {
      asked.resource().blockListAsked();
    }
    if (answer.change().isPresent()) {
      BlockChange change = answer.change().get();
      // Only this visit changes the list: somebody else's would have to wait for it.
      if (!store.save(account.id().orElseThrow(), change)) {
        return request.error(StanzaError.RESOURCE_CONSTRAINT);
      }
      changed(account, change, asked.after());
    }
    return answer.reply();
  }

  private void changed(LocalAccount account, BlockChange change, List<Runnable> after) {
    account.blockListIs(change.after());
    for (ConnectedResource resource : account.resources()) {
      if (resource.wantsBlockList()) {
        resource.deliver(BlockRequests.push(change, resource.jid(), ids.get()));
      }
    }
    presence.blockListChanged(account, change, after);
  }
}
