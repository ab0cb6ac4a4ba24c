// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.Bytes;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.framing.WrittenElement;

/// Reads the elements that rows hold. For one call; not thread-safe.
final class KeptElements {
  private final WrittenElement reader = new WrittenElement();

  /// Reads one that stands in an archive.
  ///
  /// @param owner whose archive
  /// @throws UnreadableRowException if it is none
  Element read(Bytes xml, AccountId owner) {
    return read(
        xml.toUtf8()
            .orElseThrow(
                () ->
                    UnreadableRowException.ofElement(
                        owner, new IllegalArgumentException("not UTF-8"))),
        owner);
  }

  /// Reads one.
  ///
  /// @param owner whose row it stands in
  /// @throws UnreadableRowException if it is none
  Element read(String xml, AccountId owner) {
    try {
      return reader.read(xml);
    } catch (IllegalArgumentException none) {
      throw UnreadableRowException.ofElement(owner, none);
    }
  }
}
