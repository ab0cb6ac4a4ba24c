// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.external;

import dev.latchkey.credential.Domain;
import dev.latchkey.credential.Jid;
import java.util.Optional;
import java.util.Set;

/// What somebody who showed a certificate claims, and where.
///
/// @param certificate what the certificate says of itself
/// @param domain which the stream is to: only its accounts are chosen
/// @param served all domains of this server: names in these restrict
/// @param authzid the authorization identity; nothing if it was empty
/// @param from the stream's `from`
public record ExternalClaim(
    CertificateIdentities certificate,
    Domain domain,
    Set<Domain> served,
    Optional<Jid> authzid,
    Optional<Jid> from) {
  /// Copies.
  public ExternalClaim {
    served = Set.copyOf(served);
  }
}
