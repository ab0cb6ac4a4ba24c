// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

/// What is done about a device when one of its credentials shows up where it should not. Recorded
/// it is in every case.
public enum TheftResponse {
  /// Nothing more.
  EVENT("event"),
  /// Its connections end, and nobody signs in as it until that is lifted.
  SUSPEND("suspend"),
  /// It is revoked.
  REVOKE("revoke");

  private final String word;

  TheftResponse(String word) {
    this.word = word;
  }

  /// The word in the configuration.
  public String word() {
    return word;
  }
}
