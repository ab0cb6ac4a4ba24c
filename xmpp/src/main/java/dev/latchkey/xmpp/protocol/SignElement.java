// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.protocol;

import static dev.latchkey.wire.element.Namespaces.LATCHKEY_CSR;

import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.InvalidJidException;
import dev.latchkey.credential.Resource;
import dev.latchkey.devices.Purpose;
import dev.latchkey.wire.element.Element;
import java.util.Arrays;
import java.util.Optional;

/// `<sign xmlns='urn:latchkey:csr:0'/>`: a request to sign a device's key (rule 7).
///
/// @param request the DER of the PKCS#10 request
/// @param link what ties it to the code or to the connection
/// @param name the wished name of the device
/// @param resource the resource it wishes to be locked to
/// @param purpose for whom
public record SignElement(
    Bytes request,
    Optional<Bytes> link,
    Optional<String> name,
    Optional<Resource> resource,
    Optional<Purpose> purpose) {
  /// What stands for one that cannot be read: a request of no octets is malformed wherever it
  /// comes.
  public static final SignElement UNREADABLE =
      new SignElement(
          Bytes.EMPTY, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

  /// Reads it.
  ///
  /// @return nothing if it is malformed
  public static Optional<SignElement> read(Element element) {
    Optional<Bytes> request =
        element.child("request", LATCHKEY_CSR).flatMap(child -> Bytes.base64(child.text()));
    Optional<Element> linkElement = element.child("link", LATCHKEY_CSR);
    Optional<Bytes> link = linkElement.flatMap(child -> Bytes.base64(child.text()));
    Optional<String> wished = element.attribute("resource");
    Optional<String> word = element.attribute("for");
    Optional<Purpose> purpose =
        word.flatMap(
            text -> Arrays.stream(Purpose.values()).filter(p -> p.word().equals(text)).findAny());
    boolean renews = element.attribute("renew").filter(t -> !t.equals("false")).isPresent();
    if (!element.is("sign", LATCHKEY_CSR)
        || renews // reserved: must not be taken for a request for a new device
        || request.isEmpty()
        || linkElement.isPresent() != link.isPresent()
        || word.isPresent() != purpose.isPresent()) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new SignElement(
              request.get(), link, element.attribute("name"), wished.map(Resource::new), purpose));
    } catch (InvalidJidException notAResource) {
      return Optional.empty();
    }
  }
}
