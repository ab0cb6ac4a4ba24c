// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.credential;

/// The kinds of credentials: the same words as type, column, JSON and metric.
public enum CredentialKind {
  CERTIFICATE("certificate"),
  /// A device password: machine-made, for a client that can do no better.
  PASSWORD("password"),
  /// A one-time code. Belongs to the account, not to a device.
  ONE_TIME("one-time"),
  /// A token of XEP-0484, pinned to one HT mechanism.
  FAST("fast"),
  /// A key of CLIENT-KEY (30.L), made by both sides.
  CLIENT_KEY("client-key"),
  /// A token of X-TOKEN: whoever copies it has it.
  AUTH_TOKEN("auth-token");

  private final String word;

  CredentialKind(String word) {
    this.word = word;
  }

  /// Whether it is of no interest any more once its date has passed: one that a device can have
  /// made again and again. Of the others it stays known that they were.
  public boolean lapses() {
    return this == FAST || this == CLIENT_KEY || this == AUTH_TOKEN;
  }

  /// The word on the wire, in JSON and in the database.
  public String word() {
    return word;
  }
}
