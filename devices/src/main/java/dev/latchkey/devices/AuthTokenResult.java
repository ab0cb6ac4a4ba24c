// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.Secret;
import java.time.Instant;

/// What came of a wish for an X-TOKEN.
public sealed interface AuthTokenResult {
  /// A token; shown once.
  ///
  /// @param id its id: the `<token-uid/>`
  /// @param token its text
  /// @param expires until when it is good
  record Issued(CredentialId id, Secret token, Instant expires) implements AuthTokenResult {}

  /// None.
  record Refused(Refusal refusal) implements AuthTokenResult {}
}
