// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.wire.element;

/// The namespaces that more than one room speaks.
public final class Namespaces {
  public static final String STREAMS = "http://etherx.jabber.org/streams";
  public static final String CLIENT = "jabber:client";
  public static final String STREAM_ERRORS = "urn:ietf:params:xml:ns:xmpp-streams";
  public static final String STANZA_ERRORS = "urn:ietf:params:xml:ns:xmpp-stanzas";
  public static final String TLS = "urn:ietf:params:xml:ns:xmpp-tls";
  public static final String SASL = "urn:ietf:params:xml:ns:xmpp-sasl";
  public static final String SASL2 = "urn:xmpp:sasl:2";
  public static final String CHANNEL_BINDING = "urn:xmpp:sasl-cb:0";
  public static final String FAST = "urn:xmpp:fast:0";
  public static final String PIPELINING = "urn:xmpp:iap:0";
  public static final String CLIENT_KEY = "urn:xmpp:client-key:0";

  /// X-TOKENs, as Xabber has them.
  public static final String AUTH_TOKENS = "https://xabber.com/protocol/auth-tokens";

  /// Their list.
  public static final String AUTH_TOKEN_ITEMS = AUTH_TOKENS + "#items";

  public static final String BIND = "urn:ietf:params:xml:ns:xmpp-bind";
  public static final String SESSION = "urn:ietf:params:xml:ns:xmpp-session";
  public static final String BIND2 = "urn:xmpp:bind:0";
  public static final String STREAM_LIMITS = "urn:xmpp:stream-limits:0";
  public static final String CLIENT_ACCESS = "urn:xmpp:cam:0";
  public static final String PING = "urn:xmpp:ping";
  public static final String VERSION = "jabber:iq:version";
  public static final String STREAM_MANAGEMENT = "urn:xmpp:sm:3";
  public static final String CLIENT_STATE = "urn:xmpp:csi:0";
  public static final String STANZA_ID = "urn:xmpp:sid:0";
  public static final String DISCO_INFO = "http://jabber.org/protocol/disco#info";
  public static final String DISCO_ITEMS = "http://jabber.org/protocol/disco#items";

  /// Certificate requests (30.B, rule 7).
  public static final String LATCHKEY_CSR = "urn:latchkey:csr:0";

  /// One-time codes (30.C).
  public static final String LATCHKEY_ONE_TIME = "urn:latchkey:onetime:0";

  /// What a device's credentials are, inside XEP-0494's list.
  public static final String LATCHKEY_CREDENTIAL = "urn:latchkey:cred:0";

  /// Permissions and revocation (30.E, rule 32).
  public static final String LATCHKEY_PERMISSIONS = "urn:latchkey:perm:0";

  /// What happened to credentials (30.G).
  public static final String LATCHKEY_EVENTS = "urn:latchkey:events:0";

  private Namespaces() {}
}
