// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.authority;

/// What is wrong with a request to sign; the peer is told the word (rule 7).
public enum RequestFault {
  MALFORMED("malformed"),
  BAD_SIGNATURE("bad-signature"),
  WEAK_KEY("weak-key"),
  /// The TLS provider cannot take a client certificate with such a key.
  UNSUPPORTED_KEY("unsupported-key"),
  BAD_NAME("bad-name"),
  NOT_LINKED("not-linked"),
  KEY_IN_USE("key-in-use"),
  RESOURCE_IN_USE("resource-in-use"),
  QUOTA("quota"),
  FORBIDDEN("forbidden");

  private final String word;

  RequestFault(String word) {
    this.word = word;
  }

  /// The text of `<reason/>`.
  public String word() {
    return word;
  }
}
