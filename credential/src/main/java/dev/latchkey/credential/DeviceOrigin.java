// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.credential;

/// How a device came into its account.
public enum DeviceOrigin {
  /// The operator made it (a device password).
  OPERATOR("operator"),
  /// By a one-time code.
  ONE_TIME("one-time"),
  /// Signed or uploaded by another device.
  DEVICE("device");

  private final String word;

  DeviceOrigin(String word) {
    this.word = word;
  }

  /// The word in JSON and in the database.
  public String word() {
    return word;
  }
}
