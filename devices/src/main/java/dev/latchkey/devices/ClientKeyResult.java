// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.Secret;
import java.time.Instant;

/// What came of a wish to register a client key.
public sealed interface ClientKeyResult {
  /// Registered, now or before, and durable.
  ///
  /// @param credential its credential
  /// @param encryptedSecret what the client gets
  /// @param expires until when it is good
  record Registered(CredentialId credential, Secret encryptedSecret, Instant expires)
      implements ClientKeyResult {}

  /// Nothing is changed.
  record Refused(Refusal refusal) implements ClientKeyResult {}
}
