// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import dev.latchkey.credential.Credential;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.Secret;
import dev.latchkey.credential.Verifier;
import java.time.Instant;

/// A new FAST token; shown once.
///
/// @param id its credential
/// @param mechanism the only one it is good for
/// @param token its text
/// @param expires until when it is good
public record IssuedToken(CredentialId id, String mechanism, Secret token, Instant expires) {
  static IssuedToken of(Credential credential) {
    Verifier.Fast token = (Verifier.Fast) credential.verifier();
    return new IssuedToken(
        credential.id(), token.mechanism(), token.token(), credential.expires().orElseThrow());
  }
}
