// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.signin;

import dev.latchkey.sasl.SaslMechanism;
import java.util.List;

/// What a domain offers to those who want to sign in.
///
/// @param mechanisms in order of preference; each is listed where the connection allows it
/// @param signing whether certificate requests are signed here (way ii of enrolment)
/// @param certificates whether a device may bring its own certificate (way i)
public record DomainOffer(List<SaslMechanism> mechanisms, boolean signing, boolean certificates) {
  /// Copies.
  public DomainOffer {
    mechanisms = List.copyOf(mechanisms);
  }
}
