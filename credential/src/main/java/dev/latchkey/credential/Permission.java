// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.credential;

/// What a device may do besides signing in, renewing itself and revoking itself, which it always
/// may.
public enum Permission {
  /// Issue one-time codes, sign or upload for another device.
  ENROLL("enroll"),
  /// List details, rename, revoke others, change flags.
  MANAGE("manage"),
  /// Make a recovery password.
  RECOVERY("recovery"),
  /// Set or change the main password.
  PASSWORD("password");

  private final String word;

  Permission(String word) {
    this.word = word;
  }

  /// The word on the wire, in JSON and in the database.
  public String word() {
    return word;
  }
}
