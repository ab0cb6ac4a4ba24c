// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.storage;

/// The namespaces of this room.
public final class StorageNamespaces {
  /// Private XML (XEP-0049).
  public static final String PRIVATE = "jabber:iq:private";

  /// Cards (XEP-0054).
  public static final String VCARD = "vcard-temp";

  private StorageNamespaces() {}
}
