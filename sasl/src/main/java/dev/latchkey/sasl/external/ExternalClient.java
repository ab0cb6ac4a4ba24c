// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.external;

import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Bytes;
import dev.latchkey.sasl.ClientMechanism;
import dev.latchkey.sasl.MechanismName;
import dev.latchkey.sasl.SaslServerException;
import java.util.Optional;

/// The client's half of EXTERNAL. It always says which account it means, since somebody else may
/// have listed the same certificate (rule 3). Immutable.
public final class ExternalClient implements ClientMechanism {
  private final Bytes authzid;

  /// Will ask for the given account.
  ///
  /// @param account whom to sign in as
  public ExternalClient(AccountJid account) {
    this.authzid = Bytes.utf8(account.toString());
  }

  @Override
  public MechanismName name() {
    return ExternalMechanism.NAME;
  }

  @Override
  public Optional<Bytes> initialResponse() {
    return Optional.of(authzid);
  }

  @Override
  public Bytes respond(Bytes challenge) {
    throw new SaslServerException("EXTERNAL with an initial response has no challenge");
  }

  @Override
  public void verify(Optional<Bytes> additionalData) {
    // The server was authenticated by TLS; the mechanism adds nothing.
    if (additionalData.isPresent()) {
      throw new SaslServerException("EXTERNAL has no additional data");
    }
  }
}
