// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.history;

/// The namespaces that only this room speaks.
final class HistoryNames {
  /// XEP-0313 and XEP-0441.
  static final String MAM = "urn:xmpp:mam:2";

  /// XEP-0004.
  static final String FORM = "jabber:x:data";

  /// XEP-0122.
  static final String VALIDATE = "http://jabber.org/protocol/xdata-validate";

  /// XEP-0059.
  static final String RSM = "http://jabber.org/protocol/rsm";

  /// XEP-0203.
  static final String DELAY = "urn:xmpp:delay";

  /// XEP-0297.
  static final String FORWARD = "urn:xmpp:forward:0";

  /// XEP-0334.
  static final String HINTS = "urn:xmpp:hints";

  /// XEP-0280.
  static final String CARBONS = "urn:xmpp:carbons:2";

  /// XEP-0085.
  static final String CHAT_STATES = "http://jabber.org/protocol/chatstates";

  /// XEP-0184.
  static final String RECEIPTS = "urn:xmpp:receipts";

  /// XEP-0333.
  static final String MARKERS = "urn:xmpp:chat-markers:0";

  /// XEP-0380.
  static final String ENCRYPTION = "urn:xmpp:eme:0";

  /// XEP-0384 before and since its version 0.4.
  static final String OMEMO_LEGACY = "eu.siacs.conversations.axolotl";

  static final String OMEMO = "urn:xmpp:omemo:2";

  /// XEP-0249.
  static final String DIRECT_INVITATION = "jabber:x:conference";

  /// XEP-0045.
  static final String ROOM_USER = "http://jabber.org/protocol/muc#user";

  private HistoryNames() {}
}
