// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.eventing;

/// The names of XEP-0060 and of what it is used with.
final class PubSub {
  static final String NAMESPACE = "http://jabber.org/protocol/pubsub";
  static final String OWNER = NAMESPACE + "#owner";
  static final String EVENT = NAMESPACE + "#event";
  static final String ERRORS = NAMESPACE + "#errors";
  static final String NODE_CONFIG = NAMESPACE + "#node_config";
  static final String PUBLISH_OPTIONS = NAMESPACE + "#publish-options";
  static final String META_DATA = NAMESPACE + "#meta-data";
  static final String DATA_FORM = "jabber:x:data";
  static final String DELAY = "urn:xmpp:delay";
  static final String RSM = "http://jabber.org/protocol/rsm";
  static final String CAPS = "http://jabber.org/protocol/caps";

  private PubSub() {}
}
