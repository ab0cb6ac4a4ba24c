// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import dev.latchkey.authority.CertificateAuthority;
import dev.latchkey.authority.CertificateRequestCheck;
import dev.latchkey.authority.request.ReadCertificate;
import dev.latchkey.authority.request.ReadRequest;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Domain;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;

/// What enrolment takes from the authority.
///
/// @param requests reads what shall be signed
/// @param certificates reads what was shown in TLS
/// @param checks what a request must pass before it is signed; a shown certificate too
/// @param authorities who signs for a domain
/// @param served whether a domain is served here
public record Signing(
    Function<Bytes, ReadRequest> requests,
    Function<Bytes, ReadCertificate> certificates,
    List<CertificateRequestCheck> checks,
    Function<Domain, CertificateAuthority> authorities,
    Predicate<Domain> served) {
  /// Copies.
  public Signing {
    checks = List.copyOf(checks);
  }
}
