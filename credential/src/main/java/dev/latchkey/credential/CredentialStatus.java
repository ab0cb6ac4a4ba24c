// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.credential;

/// The state of one credential. Expiry is its date, not a status.
public enum CredentialStatus {
  ACTIVE("active"),
  /// A used code whose device has not yet signed in: good only for the same answer again.
  REDEEMED("redeemed"),
  /// Something newer took its place: rotated away, renewed, or a code whose device signed in.
  SUPERSEDED("superseded"),
  DISABLED("disabled"),
  /// Final.
  REVOKED("revoked");

  private final String word;

  CredentialStatus(String word) {
    this.word = word;
  }

  /// The word on the wire, in JSON and in the database.
  public String word() {
    return word;
  }
}
