// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import com.google.errorprone.annotations.Immutable;

/// One SRV record (RFC 2782).
///
/// @param priority lower is tried first
/// @param weight the share among records of one priority
/// @param port where the service listens
/// @param target the host; `.` says that the service is decidedly not there
@Immutable
public record SrvRecord(int priority, int weight, int port, String target) {
  /// Whether it says that the service is not offered at this domain.
  public boolean isAbsence() {
    return target.isEmpty() || target.equals(".");
  }
}
