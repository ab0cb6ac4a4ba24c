// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.session;

import dev.latchkey.chat.stanza.Iq;
import dev.latchkey.credential.Domain;
import dev.latchkey.wire.element.Element;
import java.util.function.Predicate;

/// One of Latchkey's own services to a session's own account: answered before the backend sees the
/// request. Thread-safe; may wait for the store.
public interface IqService {
  /// The name and namespace of the payload it answers.
  boolean answers(Iq request);

  /// The answer. A service that ends the asking session (it revoked its own device) need not care
  /// for the order: a session that is ended while it answers ends when the answer is sent.
  Element answer(SessionIdentity who, Iq request);

  /// Whether accounts of a domain have it; others are answered as if there were none.
  default boolean serves(Domain domain) {
    return true;
  }

  /// The same for the accounts of some domains only.
  default IqService only(Predicate<Domain> domains) {
    IqService all = this;
    return new IqService() {
      @Override
      public boolean answers(Iq request) {
        return all.answers(request);
      }

      @Override
      public Element answer(SessionIdentity who, Iq request) {
        return all.answer(who, request);
      }

      @Override
      public boolean serves(Domain domain) {
        return domains.test(domain);
      }
    };
  }
}
