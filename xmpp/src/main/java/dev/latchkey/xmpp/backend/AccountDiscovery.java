// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.backend;

import dev.latchkey.chat.stanza.Iq;
import dev.latchkey.chat.stanza.StanzaError;
import dev.latchkey.credential.Jid;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.util.List;
import java.util.Optional;

/// What an account says of itself (XEP-0030): to its own sessions and its contacts. Also answers
/// pings to the account (XEP-0199).
final class AccountDiscovery implements AccountService {
  private final List<String> all;

  /// @param services whose features are listed
  AccountDiscovery(List<AccountService> services) {
    all =
        java.util.stream.Stream.concat(
                java.util.stream.Stream.of(
                    Namespaces.DISCO_INFO, Namespaces.DISCO_ITEMS, Namespaces.PING),
                services.stream().flatMap(service -> service.features().stream()))
            .distinct()
            .toList();
  }

  @Override
  public List<String> features() {
    return List.of();
  }

  @Override
  public boolean answers(Iq request) {
    return request.payload().is("ping", Namespaces.PING)
        || (request.payload().is("query", Namespaces.DISCO_INFO)
            && request.payload().attribute("node").isEmpty());
  }

  @Override
  public Element answer(Asked asked, Iq request) {
    if (request.isSet()) {
      return request.error(StanzaError.BAD_REQUEST);
    }
    return request.payload().is("ping", Namespaces.PING)
        ? request.result(Optional.empty())
        : request.result(Optional.of(info()));
  }

  /// Rule 5: who does not see the account's presence learns nothing.
  @Override
  public Optional<Element> answerOther(
      LocalAccount account, Jid asker, Iq request, List<Runnable> after) {
    boolean mayKnow =
        account.roster().shows(asker)
            && !request.isSet()
            && request.payload().is("query", Namespaces.DISCO_INFO);
    return mayKnow ? Optional.of(request.result(Optional.of(info()))) : Optional.empty();
  }

  private Element info() {
    return Element.named("query", Namespaces.DISCO_INFO)
        .child(identity("account", "registered"))
        .child(identity("pubsub", "pep")) // XEP-0163 §6.1
        .children(
            all.stream()
                .map(
                    feature ->
                        Element.named("feature", Namespaces.DISCO_INFO)
                            .attribute("var", feature)
                            .build())
                .toList())
        .build();
  }

  private static Element identity(String category, String type) {
    return Element.named("identity", Namespaces.DISCO_INFO)
        .attribute("category", category)
        .attribute("type", type)
        .build();
  }
}
