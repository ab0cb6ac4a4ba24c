// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.session;

import dev.latchkey.chat.stanza.Iq;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Jid;
import dev.latchkey.wire.element.Element;
import java.util.List;
import java.util.Optional;

/// Latchkey's own services, behind one door. Thread-safe.
public final class OwnRequests {
  private final List<IqService> services;

  /// @param services asked in order
  public OwnRequests(List<IqService> services) {
    this.services = List.copyOf(services);
  }

  /// Answers a stanza, if it is a request to us that one of the services answers.
  public Optional<Element> answer(SessionIdentity who, Element stanza) {
    return Iq.read(stanza)
        .filter(request -> isForUs(request, who.jid()))
        .flatMap(
            request ->
                services.stream()
                    .filter(service -> service.serves(who.jid().domain()))
                    .filter(service -> service.answers(request))
                    .findFirst()
                    .map(service -> service.answer(who, request)));
  }

  /// Whether a request is to nobody, to the own account or to its domain (rule 18). To anybody
  /// else's account it is the backend's, which answers as for an account that does not exist (rule
  /// 5).
  public static boolean isForUs(Iq request, AccountJid account) {
    return request
        .stanza()
        .attribute("to")
        .map(
            to ->
                Jid.tryParse(to)
                    .filter(
                        jid -> jid.equals(account.jid()) || jid.equals(Jid.of(account.domain())))
                    .isPresent())
        .orElse(true);
  }
}
