// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.authority;

import java.util.Optional;

/// One question that is asked of a request before it is signed. A pure function; the questions are
/// a list, asked in order, and the first fault is the answer.
@FunctionalInterface
public interface CertificateRequestCheck {
  /// What is wrong with it, or nothing.
  Optional<RequestFault> check(CertificateRequest request, EnrolmentContext context);
}
