// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.DeviceId;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;

/// How a server names a device that it has just made.
///
/// @param device its id
/// @param credential the id of what it signs in with
record NewDevice(DeviceId device, CredentialId credential) {
  /// Reads it from `<enrolled/>` or `<signed/>` (rule 7).
  ///
  /// @throws ServerNotTrustedException if it does not name both
  static NewDevice read(Element element) {
    return new NewDevice(
        new DeviceId(needed(element, "device")), new CredentialId(needed(element, "credential")));
  }

  /// Reads the `<enrolled/>` in a `<success/>`.
  ///
  /// @throws ServerNotTrustedException if there is none, or it does not name both
  static NewDevice in(Element success) {
    return read(
        success
            .child("enrolled", Namespaces.LATCHKEY_CSR)
            .orElseThrow(
                () ->
                    new ServerNotTrustedException(
                        "the server's answer is refused: it does not say which device this is")));
  }

  private static String needed(Element element, String name) {
    return element
        .attribute(name)
        .filter(value -> value.matches("[\\p{Graph}]{1,128}"))
        .orElseThrow(
            () ->
                new ServerNotTrustedException(
                    "the server's answer is refused: it does not name its " + name));
  }
}
