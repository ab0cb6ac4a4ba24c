// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.backend;

import dev.latchkey.chat.stanza.Iq;
import dev.latchkey.credential.Jid;
import dev.latchkey.wire.element.Element;
import java.util.List;
import java.util.Optional;

/// Requests that an account answers by itself. Called during a visit; may wait for a store.
interface AccountService {
  /// What discovery lists of it at the account.
  List<String> features();

  /// Whether it is this service that a request is for.
  boolean answers(Iq request);

  /// The answer to a request of the account's own session.
  Element answer(Asked asked, Iq request);

  /// The answer to somebody else's.
  ///
  /// @param asker a full JID
  /// @return nothing for what an account that does not exist would answer (rule 5)
  default Optional<Element> answerOther(
      LocalAccount account, Jid asker, Iq request, List<Runnable> after) {
    return Optional.empty();
  }

  /// A request of an account's own session.
  ///
  /// @param after takes what is to be done elsewhere once the visit is over
  /// @param before takes what the asker is handed first, in order: if it cannot take all of it, it
  ///   gets a refusal instead of the answer, which would say that it has
  record Asked(
      LocalAccount account,
      ConnectedResource resource,
      List<Runnable> after,
      List<Element> before) {}
}
