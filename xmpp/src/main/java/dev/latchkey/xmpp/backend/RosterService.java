// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.backend;

import dev.latchkey.chat.roster.RosterAnswer;
import dev.latchkey.chat.roster.RosterChange;
import dev.latchkey.chat.roster.RosterRequests;
import dev.latchkey.chat.roster.RosterStore;
import dev.latchkey.chat.stanza.Iq;
import dev.latchkey.chat.stanza.StanzaError;
import dev.latchkey.credential.AccountId;
import dev.latchkey.wire.element.Element;
import java.time.InstantSource;
import java.util.List;

/// An account's contacts (RFC 6121 §2).
final class RosterService implements AccountService {
  /// So often the roster may change under us before somebody is told to try again.
  private static final int ATTEMPTS = 16;

  private final RosterStore store;
  private final Subscriptions subscriptions;
  private final InstantSource clock;

  RosterService(RosterStore store, Subscriptions subscriptions, InstantSource clock) {
    this.store = store;
    this.subscriptions = subscriptions;
    this.clock = clock;
  }

  @Override
  public List<String> features() {
    return List.of("jabber:iq:roster");
  }

  @Override
  public boolean answers(Iq request) {
    return RosterRequests.isOne(request);
  }

  @Override
  public Element answer(Asked asked, Iq request) {
    LocalAccount account = asked.account();
    AccountId id = account.id().orElseThrow();
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      RosterAnswer answer =
          RosterRequests.answer(request, account.jid(), account.roster(), clock.instant());
      if (answer.interested()) {
        asked.resource().rosterAsked();
      }
      if (answer.change().isEmpty()) {
        return answer.reply();
      }
      RosterChange change = answer.change().get();
      if (!change.isChange() || store.save(id, change)) {
        // RFC 6121 §2.1.5: the pushes and the result may come in any order.
        subscriptions.changedByOwner(account, change, asked.after());
        return answer.reply();
      }
      account.forgetRoster();
    }
    return request.error(StanzaError.RESOURCE_CONSTRAINT);
  }
}
