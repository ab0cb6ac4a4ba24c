// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.authority;

/// Signs the certificates of one domain's devices. Thread-safe. Signing is CPU work of well under a
/// millisecond.
public interface CertificateAuthority {
  /// Signs.
  IssuedCertificate issue(IssueOrder order);
}
