// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.authority.request;

import dev.latchkey.authority.RequestFault;

/// What became of reading a shown certificate.
public sealed interface ReadCertificate {
  /// It is well-formed, and its key is strong enough.
  ///
  /// @param certificate the certificate
  record Read(ShownCertificate certificate) implements ReadCertificate {}

  /// It is not.
  ///
  /// @param fault what is wrong
  record Refused(RequestFault fault) implements ReadCertificate {}
}
