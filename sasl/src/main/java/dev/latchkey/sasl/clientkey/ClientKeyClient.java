// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.clientkey;

import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Bytes;
import dev.latchkey.sasl.ClientMechanism;
import dev.latchkey.sasl.HmacHash;
import dev.latchkey.sasl.MechanismName;
import dev.latchkey.sasl.SaslServerException;
import dev.latchkey.sasl.gs2.ChannelBindingChoice;
import dev.latchkey.sasl.gs2.Gs2Header;
import java.util.Optional;

/// The client's half of one CLIENT-KEY exchange. Immutable.
public final class ClientKeyClient implements ClientMechanism {
  private final ClientKeyVariant variant;
  private final Bytes message;
  private final Bytes answer;

  private ClientKeyClient(ClientKeyVariant variant, Bytes message, Bytes answer) {
    this.variant = variant;
    this.message = message;
    this.answer = answer;
  }

  /// Begins an exchange.
  ///
  /// @param variant which mechanism
  /// @param account whom to sign in as; its localpart is the authentication identity, and no
  ///   authorization identity is sent
  /// @param key the client's key
  /// @param counter a value that was never used before. SECURITY: the caller has made the next one
  ///   durable already, so that a crash cannot use this one twice (30.L)
  /// @param binding what to do about channel binding
  /// @throws IllegalArgumentException if the -PLUS mechanism is to be used without binding, or the
  ///   other with it, or the counter is negative
  public static ClientKeyClient begin(
      ClientKeyVariant variant,
      AccountJid account,
      HeldClientKey key,
      long counter,
      ChannelBindingChoice binding) {
    if (variant.bindsToChannel() != binding instanceof ChannelBindingChoice.Bound) {
      throw new IllegalArgumentException(
          "channel binding and -PLUS go together: " + variant.mechanism());
    }
    if (counter < 0) {
      throw new IllegalArgumentException("a counter starts at 0: " + counter);
    }
    MacInput input =
        new MacInput(
            account.localpart(),
            key.clientId(),
            binding instanceof ChannelBindingChoice.Bound bound
                ? Optional.of(bound.data())
                : Optional.empty());
    Bytes secret = key.secret().reveal();
    ClientKeyMessage message =
        new ClientKeyMessage(
            Gs2Header.of(binding, Optional.empty()),
            account.localpart(),
            key.clientId(),
            HmacHash.SHA_256.mac(secret, input.response(counter)),
            key.validationKey());
    return new ClientKeyClient(
        variant,
        message.octets(),
        Bytes.utf8(HmacHash.SHA_256.mac(secret, input.answer(counter)).toBase64()));
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
    throw new SaslServerException("CLIENT-KEY with an initial response has no challenge");
  }

  @Override
  public void verify(Optional<Bytes> additionalData) {
    if (!additionalData.equals(Optional.of(answer))) {
      throw new SaslServerException("the server did not prove that it knows the key");
    }
  }
}
