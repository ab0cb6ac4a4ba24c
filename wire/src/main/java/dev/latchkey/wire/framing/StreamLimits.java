// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.wire.framing;

/// How much of a stream is taken.
///
/// @param elementBytes octets of one first-level element, its tags included (XEP-0478's max-bytes)
/// @param depth how deep elements may nest in a first-level element
/// @param attributes how many attributes one element may have
public record StreamLimits(int elementBytes, int depth, int attributes) {
  /// Before anybody has signed in.
  public static final StreamLimits UNAUTHENTICATED = new StreamLimits(16_384, 16, 32);

  /// For a session.
  public static final StreamLimits AUTHENTICATED = new StreamLimits(262_144, 64, 64);

  /// What a client takes of the server it has chosen: far more than any one user may send that
  /// server. It writes out namespaces and escapes characters, wraps messages in copies and pages of
  /// archives, and adds what is its own; a client that refused one such stanza would be sent it
  /// again each time it comes back.
  public static final StreamLimits FROM_SERVER = new StreamLimits(16 << 20, 256, 1024);
}
