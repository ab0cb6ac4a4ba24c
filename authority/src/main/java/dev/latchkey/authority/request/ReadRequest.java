// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.authority.request;

import dev.latchkey.authority.CertificateRequest;
import dev.latchkey.authority.RequestFault;

/// What became of reading a request.
public sealed interface ReadRequest {
  /// It is well-formed, its key is strong enough, and its signature verified.
  ///
  /// @param request the request
  record Read(CertificateRequest request) implements ReadRequest {}

  /// It is not.
  ///
  /// @param fault what is wrong
  record Refused(RequestFault fault) implements ReadRequest {}
}
