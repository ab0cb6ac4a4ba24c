// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.ht;

import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Secret;
import dev.latchkey.sasl.ClientMechanism;
import dev.latchkey.sasl.ConnectionFacts;
import dev.latchkey.sasl.HmacHash;
import dev.latchkey.sasl.MechanismName;
import dev.latchkey.sasl.SaslServerException;
import java.util.Optional;

/// The client's half of one HT exchange. Immutable.
public final class HtClient implements ClientMechanism {
  private final HtVariant variant;
  private final Bytes message;
  private final Bytes answer;

  private HtClient(HtVariant variant, Bytes message, Bytes answer) {
    this.variant = variant;
    this.message = message;
    this.answer = answer;
  }

  /// Begins an exchange.
  ///
  /// @param variant the mechanism that the token was asked for; it is good for no other
  /// @param account whom to sign in as; its localpart is the authentication identity
  /// @param token the token's text, exactly as it was issued
  /// @param facts the client's own end of the connection
  /// @throws IllegalArgumentException if the connection lacks what the mechanism binds to: nothing
  ///   weaker is used instead
  public static HtClient begin(
      HtVariant variant, AccountJid account, Secret token, ConnectionFacts facts) {
    Bytes bindingData =
        variant
            .bindingData(facts)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "this connection has nothing to bind %s to"
                            .formatted(variant.mechanism())));
    HmacHash hash = variant.hash();
    Bytes key = token.reveal();
    return new HtClient(
        variant,
        new HtMessage(account.localpart(), hash.mac(key, HtMessage.initiated(bindingData)))
            .octets(),
        hash.mac(key, HtMessage.responded(bindingData)));
  }

  @Override
  public MechanismName name() {
    return variant.mechanism();
  }

  @Override
  public Optional<Bytes> initialResponse() {
    return Optional.of(message);
  }

  @Override
  public Bytes respond(Bytes challenge) {
    throw new SaslServerException("HT with an initial response has no challenge");
  }

  @Override
  public void verify(Optional<Bytes> additionalData) {
    if (!additionalData.equals(Optional.of(answer))) {
      throw new SaslServerException("the server did not prove that it knows the token");
    }
  }
}
