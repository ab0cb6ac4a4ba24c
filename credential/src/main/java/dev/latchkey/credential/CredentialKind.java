// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.credential;

/// The kinds of credentials: the same words as type, column, JSON and metric.
public enum CredentialKind {
  CERTIFICATE("certificate"),
  /// A device password: machine-made, for a client that can do no better.
  PASSWORD("password"),
  /// A one-time code. Belongs to the account, not to a device.
  ONE_TIME("one-time");

  private final String word;

  CredentialKind(String word) {
    this.word = word;
  }

  /// The word on the wire, in JSON and in the database.
  public String word() {
    return word;
  }
}
