// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.delivery;

import dev.latchkey.credential.Domain;
import dev.latchkey.wire.element.Element;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/// Says when something was said that comes only now (XEP-0203). Pure.
public final class Delays {
  private static final String NAMESPACE = "urn:xmpp:delay";

  private Delays() {}

  /// A stanza with the time since which it has waited.
  ///
  /// @param by who kept it
  public static Element delayed(Element stanza, Domain by, Instant since) {
    return stanza.toBuilder()
        .child(
            Element.named("delay", NAMESPACE)
                .attribute("from", by.name())
                .attribute("stamp", since.truncatedTo(ChronoUnit.MILLIS).toString())
                .build())
        .build();
  }
}
