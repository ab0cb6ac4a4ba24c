// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.protocol;

import static dev.latchkey.wire.element.Namespaces.LATCHKEY_CSR;
import static dev.latchkey.wire.element.Namespaces.LATCHKEY_ONE_TIME;

import dev.latchkey.authority.RequestFault;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.DeviceId;
import dev.latchkey.devices.EnrolmentResult;
import dev.latchkey.wire.element.Element;
import java.util.Optional;

/// What the server says about an enrolment.
public final class EnrolmentElements {
  private EnrolmentElements() {}

  /// `<signed/>`: the device's certificate and the one that signed it, never the root.
  ///
  /// @param link what ties the answer to the code; only where a code was used
  public static Element signed(EnrolmentResult.Enrolled enrolled, Optional<Bytes> link) {
    return Element.named("signed", LATCHKEY_CSR)
        .attribute("device", enrolled.device().id().value())
        .attribute("credential", enrolled.credential().id().value())
        .attribute("not-after", Times.text(enrolled.notAfter()))
        .child(Element.text("cert", LATCHKEY_CSR, enrolled.leaf().toBase64()))
        .child(Element.text("cert", LATCHKEY_CSR, enrolled.issuing().toBase64()))
        .child(link.map(octets -> Element.text("link", LATCHKEY_CSR, octets.toBase64())))
        .build();
  }

  /// `<enrolled/>`: a device that brought its own certificate.
  public static Element enrolled(DeviceId device, CredentialId credential) {
    return Element.named("enrolled", LATCHKEY_CSR)
        .attribute("device", device.value())
        .attribute("credential", credential.value())
        .build();
  }

  /// `<reason/>`: what is wrong with a request.
  public static Element reason(RequestFault fault) {
    return Element.text("reason", LATCHKEY_CSR, fault.word());
  }

  /// `<enrolment-required/>`: the code is right, but nothing asks for an enrolment.
  public static Element enrolmentRequired() {
    return Element.empty("enrolment-required", LATCHKEY_ONE_TIME);
  }
}
