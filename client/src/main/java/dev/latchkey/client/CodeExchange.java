// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Secret;
import dev.latchkey.sasl.scram.ScramClient;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/// The proof of a one-time code on one stream, and the task that may follow it. Used once.
final class CodeExchange {
  private static final String TASK = "LK-ENROL";

  private final LoginUri uri;
  private final PendingEnrolment pending;
  private final SecuredStream secured;
  private final ScramChoice choice;
  private final ScramClient scram;

  CodeExchange(
      LoginUri uri, PendingEnrolment pending, SecuredStream secured, RandomGenerator random) {
    this.uri = uri;
    this.pending = pending;
    this.secured = secured;
    this.choice = ScramChoice.of(secured.features(), secured.stream().tls());
    this.scram = choice.begin(uri.account(), uri.token().canonical(), secured.features(), random);
  }

  AccountJid account() {
    return uri.account();
  }

  PendingEnrolment pending() {
    return pending;
  }

  ClientStream stream() {
    return secured.stream();
  }

  StreamFeatures features() {
    return secured.features();
  }

  /// The code's ServerKey, once the server has proven itself: what ties an enrolment to the code.
  Secret serverKey() {
    return scram.enrolmentKey().serverKey();
  }

  /// Refuses to let secrets follow a proof that whoever stands in between could have relayed.
  ///
  /// @throws ClientException if the proof is not bound to the TLS connection
  void requireBound() {
    if (!choice.variant().bindsToChannel()) {
      throw new ClientException(
          "%s: the code can only be proven by %s here, which is not bound to the TLS connection, and a client key would be told to whoever stands in between. It is registered with SCRAM-...-PLUS only: choose another --credential, or ask who runs the server to offer that"
              .formatted(account(), choice.variant().mechanism()));
    }
  }

  /// Proves the code.
  ///
  /// @param wish how to be enrolled
  /// @return the `<success/>`; nothing if the server wants the task done first
  /// @throws SignInRefusedException if the server refuses
  Optional<Element> prove(Element... wish) {
    List<Element> extras = new ArrayList<>();
    extras.add(UserAgent.element(Optional.of(pending.userAgent()), pending.called()));
    extras.addAll(List.of(wish));
    return switch (stream().authenticate(features(), scram, extras)) {
      case SaslOutcome.Succeeded(Element success) -> Optional.of(success);
      case SaslOutcome.Failed(Element failure) -> throw refused(failure);
      case SaslOutcome.Continued continued -> {
        if (!continued.tasks().contains(TASK)) {
          throw new ClientException(
              account() + ": the server wants something that this kit does not know");
        }
        yield Optional.empty();
      }
    };
  }

  /// The same where the task has to follow.
  void proveForTask(Element wish) {
    if (prove(wish).isPresent()) {
      throw signedInInstead();
    }
  }

  /// Does the task (30.C ii).
  ///
  /// @param request what the task is given
  /// @return the `<success/>`
  /// @throws SignInRefusedException if the server refuses
  Element task(List<Element> request) {
    stream()
        .send(
            Element.named("next", Namespaces.SASL2)
                .attribute("task", TASK)
                .children(request)
                .build());
    Element answer = stream().next();
    if (answer.is("failure", Namespaces.SASL2)) {
      throw refused(answer);
    }
    if (!answer.is("success", Namespaces.SASL2)) {
      throw new ServerNotTrustedException(
          "the server's answer is refused: it is neither success nor failure");
    }
    var _ = Identities.requireSame(answer, account());
    return answer;
  }

  ClientException signedInInstead() {
    return new ClientException(
        account() + ": the server signed us in with the code instead of enrolling this device");
  }

  private SignInRefusedException refused(Element failure) {
    return SignInRefusedException.of(
        failure,
        account(),
        Map.of(
            SignInRefusedException.NOT_AUTHORIZED,
            "The code is wrong, used or too old, or the account is closed: ask for a new"
                + " invitation"));
  }
}
