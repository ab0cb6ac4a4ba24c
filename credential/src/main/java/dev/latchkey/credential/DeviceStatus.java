// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.credential;

/// What a device may do.
public enum DeviceStatus {
  /// Awaits approval: may not sign in.
  PENDING("pending"),
  ACTIVE("active"),
  /// No new login; streams stay.
  DISABLED("disabled"),
  /// Alarm: no login, streams ended; can be lifted.
  SUSPENDED("suspended"),
  /// Final.
  REVOKED("revoked");

  private final String word;

  DeviceStatus(String word) {
    this.word = word;
  }

  /// The word on the wire, in JSON and in the database.
  public String word() {
    return word;
  }
}
