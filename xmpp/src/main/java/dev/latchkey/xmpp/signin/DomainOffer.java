// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.signin;

import dev.latchkey.sasl.SaslMechanism;
import java.util.List;

/// What a domain offers to those who want to sign in.
///
/// @param mechanisms in order of preference; each is listed where the connection allows it
/// @param fast those that tokens are good for (XEP-0484), likewise
/// @param signing whether certificate requests are signed here (way ii of enrolment)
/// @param certificates whether a device may bring its own certificate (way i)
/// @param clientKeys whether a code may be redeemed for a client key (rule 11)
public record DomainOffer(
    List<SaslMechanism> mechanisms,
    List<SaslMechanism> fast,
    boolean signing,
    boolean certificates,
    boolean clientKeys) {
  /// Copies.
  public DomainOffer {
    mechanisms = List.copyOf(mechanisms);
    fast = List.copyOf(fast);
  }
}
