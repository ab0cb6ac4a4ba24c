// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.backend;

import dev.latchkey.chat.stanza.Iq;
import dev.latchkey.chat.stanza.StanzaError;
import dev.latchkey.chat.stanza.Stanzas;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Jid;
import dev.latchkey.credential.Resource;
import dev.latchkey.wire.element.Element;
import dev.latchkey.xmpp.session.ClientSide;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Who answers a request (RFC 6121 §8.5, §10.3.3): the account, its domain, or another session.
/// Thread-safe.
final class RequestRouting {
  private final LocalAccounts accounts;
  private final List<AccountService> services;

  /// @param services asked in order
  RequestRouting(LocalAccounts accounts, List<AccountService> services) {
    this.accounts = accounts;
    this.services = List.copyOf(services);
  }

  /// A request of a session to its own account.
  ///
  /// @return the answer, if one is due
  Optional<Element> toOwnAccount(ChatSession session, Element stanza) {
    return answerTo(
        stanza,
        request -> {
          List<Element> before = new ArrayList<>();
          Element answer =
              session.visit(
                  (account, after) ->
                      services.stream()
                          .filter(service -> service.answers(request))
                          .findFirst()
                          .map(
                              service ->
                                  service.answer(
                                      new AccountService.Asked(
                                          account, session.resource(), after, before),
                                      request))
                          .orElseGet(() -> request.error(StanzaError.SERVICE_UNAVAILABLE)));
          return takesAll(session.resource().client(), before)
              ? answer
              : request.error(StanzaError.RESOURCE_CONSTRAINT);
        });
  }

  /// It may be long: its reader waits for it, and nobody else does. Nor is it held back, wherever
  /// the client's user looks: it was asked for.
  private static boolean takesAll(ClientSide client, List<Element> stanzas) {
    return stanzas.stream().allMatch(it -> client.deliverPatiently(it, Optional.empty()));
  }

  /// A request to somebody else's account.
  Optional<Element> toOtherAccount(Jid asker, Element stanza, AccountJid to) {
    return answerTo(
        stanza,
        request ->
            accounts.visit(
                to,
                (account, after) ->
                    account.blocks(asker)
                        ? request.error(StanzaError.SERVICE_UNAVAILABLE)
                        : services.stream()
                            .filter(service -> service.answers(request))
                            .findFirst()
                            .flatMap(service -> service.answerOther(account, asker, request, after))
                            .orElseGet(() -> request.error(StanzaError.SERVICE_UNAVAILABLE))));
  }

  /// A request, or the answer to one, to one session. What is neither goes no further (RFC 6120
  /// §8.2.3): there are clients that end their stream over a type they do not know.
  Optional<Element> toSession(Jid from, Element stanza, AccountJid to, Resource resource) {
    if (Stanzas.mayAnswer(stanza) && Iq.read(stanza).isEmpty()) {
      return Optional.of(Stanzas.error(stanza, StanzaError.BAD_REQUEST));
    }
    boolean reached =
        accounts.visit(
            to,
            (account, _) -> {
              Optional<ConnectedResource> there =
                  account.blocks(from)
                      ? Optional.empty()
                      : account.resource(resource).filter(ConnectedResource::hasRoom);
              return there.filter(known -> known.deliver(stanza)).isPresent();
            });
    return reached || !Stanzas.mayAnswer(stanza)
        ? Optional.empty()
        : Optional.of(Stanzas.error(stanza, StanzaError.SERVICE_UNAVAILABLE));
  }

  /// Tells a session, if it is there.
  void tell(Jid session, Element stanza) {
    session
        .account()
        .ifPresent(
            owner ->
                accounts.visitIfPresent(
                    owner,
                    (account, _) -> {
                      session
                          .resource()
                          .flatMap(account::resource)
                          .ifPresent(there -> there.deliver(stanza));
                      return true;
                    }));
  }

  private static Optional<Element> answerTo(
      Element stanza, java.util.function.Function<Iq, Element> answer) {
    Optional<Iq> request = Iq.read(stanza);
    if (request.isPresent()) {
      return request.map(answer);
    }
    return Stanzas.mayAnswer(stanza)
        ? Optional.of(Stanzas.error(stanza, StanzaError.BAD_REQUEST))
        : Optional.empty();
  }
}
