// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.xtoken;

import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Secret;
import dev.latchkey.sasl.ClientMechanism;
import dev.latchkey.sasl.MechanismName;
import dev.latchkey.sasl.SaslServerException;
import java.util.Optional;

/// The client's half of X-TOKEN. The server proves nothing: TLS alone says who it is. Immutable.
public final class XTokenClient implements ClientMechanism {
  private final XTokenMessage message;

  /// Will sign in with the given token.
  ///
  /// @param account whom to sign in as; its localpart is the authentication identity
  /// @param token the token's text, exactly as it was issued
  public XTokenClient(AccountJid account, Secret token) {
    this.message = new XTokenMessage(account.localpart(), token);
  }

  @Override
  public MechanismName name() {
    return XTokenMechanism.NAME;
  }

  @Override
  public Optional<Bytes> initialResponse() {
    return Optional.of(message.octets());
  }

  @Override
  public Bytes respond(Bytes challenge) {
    throw new SaslServerException("X-TOKEN with an initial response has no challenge");
  }

  @Override
  public void verify(Optional<Bytes> additionalData) {
    if (additionalData.isPresent()) {
      throw new SaslServerException("X-TOKEN has no additional data");
    }
  }
}
