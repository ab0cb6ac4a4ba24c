// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.blocking;

/// The namespaces of this room.
public final class BlockNamespaces {
  /// Requests, answers and pushes; also the feature.
  public static final String BLOCKING = "urn:xmpp:blocking";

  /// The condition that goes with an error.
  public static final String ERRORS = "urn:xmpp:blocking:errors";

  private BlockNamespaces() {}
}
