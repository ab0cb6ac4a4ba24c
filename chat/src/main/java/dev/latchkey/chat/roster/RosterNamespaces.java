// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.roster;

/// The namespaces of this room.
public final class RosterNamespaces {
  /// Requests, answers and pushes (RFC 6121 §2.1).
  public static final String ROSTER = "jabber:iq:roster";

  /// Stream feature: rosters have versions (RFC 6121 §2.6.1).
  public static final String VERSIONING = "urn:xmpp:features:rosterver";

  /// Stream feature: subscriptions can be approved in advance (RFC 6121 §3.4.1).
  public static final String PRE_APPROVAL = "urn:xmpp:features:pre-approval";

  private RosterNamespaces() {}
}
