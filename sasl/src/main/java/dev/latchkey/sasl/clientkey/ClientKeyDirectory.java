// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.clientkey;

import dev.latchkey.credential.Decoys;
import dev.latchkey.credential.Domain;
import java.util.Optional;

/// What CLIENT-KEY asks of the accounts.
///
/// Thread-safe. SECURITY: the answers must cost the same for known and unknown names.
@FunctionalInterface
public interface ClientKeyDirectory {
  /// The key with this name: the live one, or of the dead ones the newest; nothing if there is no
  /// such account or no such key. May wait for a disk.
  ///
  /// @param domain which the stream is to
  /// @param authcid the name as the client sent it, not prepared, never split at an at-sign
  /// @param clientId the key's name
  Optional<ClientKeyCandidate> find(Domain domain, String authcid, String clientId);

  /// What is unsealed and tried in the place of a candidate that is not there. Those of a directory
  /// whose secrets are not sealed need not be, either.
  default Decoys decoys() {
    return Decoys.UNSEALED;
  }
}
