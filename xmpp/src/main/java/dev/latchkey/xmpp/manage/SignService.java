// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.manage;

import static dev.latchkey.wire.element.Namespaces.LATCHKEY_CSR;

import dev.latchkey.chat.stanza.Iq;
import dev.latchkey.chat.stanza.StanzaError;
import dev.latchkey.devices.Enrolment;
import dev.latchkey.devices.EnrolmentResult;
import dev.latchkey.devices.Purpose;
import dev.latchkey.devices.SigningRequest;
import dev.latchkey.wire.element.Element;
import dev.latchkey.xmpp.protocol.EnrolmentElements;
import dev.latchkey.xmpp.protocol.EnrolmentErrors;
import dev.latchkey.xmpp.protocol.SignElement;
import dev.latchkey.xmpp.session.IqService;
import dev.latchkey.xmpp.session.SessionIdentity;
import java.util.Optional;

/// Signs the key of another device that the asking one vouches for (30.B, rule 24). One more key
/// for the asking device itself needs a link to the connection, which comes with renewal, and is
/// refused until then.
public final class SignService implements IqService {
  private final Enrolment enrolment;

  /// @param enrolment the use case
  public SignService(Enrolment enrolment) {
    this.enrolment = enrolment;
  }

  @Override
  public boolean answers(Iq request) {
    return request.isSet() && request.payload().is("sign", LATCHKEY_CSR);
  }

  @Override
  public Element answer(SessionIdentity who, Iq request) {
    SignElement sign = SignElement.read(request.payload()).orElse(SignElement.UNREADABLE);
    EnrolmentResult result =
        enrolment.sign(
            Refusals.acting(who),
            new SigningRequest(
                sign.request(),
                sign.purpose().orElse(Purpose.BOT),
                sign.name(),
                sign.resource(),
                false));
    return switch (result) {
      case EnrolmentResult.Enrolled enrolled ->
          request.result(Optional.of(EnrolmentElements.signed(enrolled, Optional.empty())));
      case EnrolmentResult.Refused refused -> request.error(EnrolmentErrors.of(refused.fault()));
      case EnrolmentResult.Dead _ -> request.error(StanzaError.FORBIDDEN);
      case EnrolmentResult.Accepted _, EnrolmentResult.Given _, EnrolmentResult.Keyed _ ->
          throw new IllegalStateException("a request was made, no certificate was shown");
    };
  }
}
