// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.gs2;

import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Jid;
import dev.latchkey.sasl.AuthenticationIdentity;
import dev.latchkey.sasl.ChannelBindingType;
import dev.latchkey.sasl.FailureReason;
import dev.latchkey.sasl.MechanismName;
import dev.latchkey.sasl.SaslCondition;
import dev.latchkey.sasl.SaslStep;
import dev.latchkey.sasl.SignInRequest;
import java.util.List;
import java.util.Optional;

/// What a server makes of a gs2 header (RFC 5802 §6, rule 20): it depends on the message and the
/// connection alone, never on an account.
public sealed interface Gs2Verdict {
  /// The exchange goes on.
  ///
  /// @param bindingData the channel-binding data of the type it named; empty if it named none
  record Taken(Bytes bindingData) implements Gs2Verdict {}

  /// It does not.
  record Refused(SaslStep.Failure failure) implements Gs2Verdict {}

  /// Judges one.
  ///
  /// @param header what the client sent
  /// @param bindsToChannel whether the mechanism is a -PLUS one
  /// @param binding the -PLUS mechanisms of its family: whether its client could have used one is
  ///   not said by another family's
  /// @param identity who the client says it is
  /// @param request what surrounds the exchange
  static Gs2Verdict of(
      Gs2Header header,
      boolean bindsToChannel,
      List<MechanismName> binding,
      AuthenticationIdentity identity,
      SignInRequest request) {
    Gs2Verdict channel = ofBinding(header, bindsToChannel, binding, request);
    boolean ownAuthzid = header.authzid().map(text -> isOwn(text, identity)).orElse(true);
    return channel instanceof Taken && !ownAuthzid
        ? refused(SaslCondition.INVALID_AUTHZID, FailureReason.OTHER_AUTHZID)
        : channel;
  }

  private static Gs2Verdict ofBinding(
      Gs2Header header,
      boolean bindsToChannel,
      List<MechanismName> binding,
      SignInRequest request) {
    return switch (header.flag()) {
      // RFC 5802 §6: a -PLUS mechanism is used with "p=".
      case CANNOT -> bindsToChannel ? malformed() : new Taken(Bytes.EMPTY);
      // RFC 5802 §6: somebody has taken the -PLUS mechanisms off the list that the client saw.
      case NOT_OFFERED ->
          bindsToChannel || binding.stream().anyMatch(request.offered()::contains)
              ? refused(SaslCondition.NOT_AUTHORIZED, FailureReason.DOWNGRADE)
              : new Taken(Bytes.EMPTY);
      case BINDS ->
          bindsToChannel
              ? header
                  .bindingType()
                  .flatMap(ChannelBindingType::of)
                  .flatMap(type -> Optional.ofNullable(request.facts().channelBindings().get(type)))
                  .<Gs2Verdict>map(Taken::new)
                  .orElseGet(
                      () ->
                          refused(
                              SaslCondition.NOT_AUTHORIZED,
                              FailureReason.CHANNEL_BINDING_NOT_OFFERED))
              : malformed();
    };
  }

  private static boolean isOwn(String authzid, AuthenticationIdentity identity) {
    return Jid.tryParse(authzid).filter(jid -> jid.isBare() && identity.isAt(jid)).isPresent();
  }

  private static Gs2Verdict malformed() {
    return refused(SaslCondition.MALFORMED_REQUEST, FailureReason.MALFORMED_MESSAGE);
  }

  private static Gs2Verdict refused(SaslCondition wire, FailureReason log) {
    return new Refused(new SaslStep.Failure(wire, log));
  }
}
