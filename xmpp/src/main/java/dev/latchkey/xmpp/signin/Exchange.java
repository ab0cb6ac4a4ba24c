// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.signin;

import dev.latchkey.chat.stanza.Stanzas;
import dev.latchkey.credential.Bytes;
import dev.latchkey.sasl.FailureReason;
import dev.latchkey.sasl.MechanismName;
import dev.latchkey.sasl.SaslCondition;
import dev.latchkey.sasl.SaslExchange;
import dev.latchkey.sasl.SaslMechanism;
import dev.latchkey.sasl.SaslStep;
import dev.latchkey.sasl.SignInRequest;
import dev.latchkey.wire.element.Element;
import dev.latchkey.xmpp.stream.ServerStream;
import dev.latchkey.xmpp.stream.StreamCondition;
import dev.latchkey.xmpp.stream.StreamEnd;
import java.util.List;
import java.util.Optional;

/// One SASL exchange over a stream, from its first element to its last step: what RFC 6120 §6.4 and
/// XEP-0388 have in common.
final class Exchange {
  private final ServerStream stream;
  private final SaslProfile profile;
  private final SignInRequest request;
  private final List<SaslMechanism> listed;

  Exchange(
      ServerStream stream, SaslProfile profile, SignInRequest request, List<SaslMechanism> listed) {
    this.stream = stream;
    this.profile = profile;
    this.request = request;
    this.listed = listed;
  }

  /// The mechanism that an element asks for, as far as it is a name at all.
  static String asked(Element start) {
    return start.attribute("mechanism").orElse("");
  }

  /// Runs it.
  ///
  /// @param start `<auth/>` or `<authenticate/>`
  /// @return success or failure, never a challenge
  SaslStep run(Element start) throws StreamEnd, InterruptedException {
    String asked = asked(start);
    Optional<SaslMechanism> mechanism = mechanism(asked);
    if (mechanism.isEmpty()) {
      return new SaslStep.Failure(SaslCondition.INVALID_MECHANISM, FailureReason.UNKNOWN_MECHANISM);
    }
    SaslExchange exchange = mechanism.get().begin(request);
    try {
      SaslStep step = exchange.next(profile.initialResponse(start));
      while (step instanceof SaslStep.Challenge(Bytes data)) {
        stream.send(profile.challenge(data));
        Element answer = stream.next();
        if (answer.is("abort", profile.namespace())) {
          return new SaslStep.Failure(SaslCondition.ABORTED, FailureReason.ABORTED_BY_CLIENT);
        }
        if (!answer.is("response", profile.namespace())) {
          throw unexpected(answer);
        }
        step = exchange.next(Optional.of(profile.response(answer)));
      }
      return step;
    } catch (SaslProfile.WrongEncoding notBase64) {
      return new SaslStep.Failure(SaslCondition.INCORRECT_ENCODING, FailureReason.WRONG_BASE64);
    }
  }

  private Optional<SaslMechanism> mechanism(String asked) {
    for (SaslMechanism each : listed) {
      if (each.name().text().equals(asked)) {
        return Optional.of(each);
      }
    }
    return Optional.empty();
  }

  /// What an element that has no place in a sign-in does to the stream.
  static StreamEnd unexpected(Element element) {
    // RFC 6120 §4.9.3.12: a stanza before authentication.
    return Stanzas.isStanza(element)
        ? StreamEnd.because(StreamCondition.NOT_AUTHORIZED, "a stanza before authentication")
        : StreamEnd.because(StreamCondition.POLICY_VIOLATION, "an element out of order");
  }

  /// The names in a list of mechanisms.
  static List<MechanismName> names(List<SaslMechanism> mechanisms) {
    return mechanisms.stream().map(SaslMechanism::name).toList();
  }
}
