// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import dev.latchkey.credential.Bytes;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.util.Optional;
import java.util.random.RandomGenerator;

/// How the kit names itself to a server (XEP-0388).
public final class UserAgent {
  static final String SOFTWARE = "Latchkey";

  private UserAgent() {}

  /// A new user-agent id, a version 4 UUID from our own source of randomness.
  public static String drawId(RandomGenerator random) {
    String hex = Bytes.random(16, random).toHex();
    char variant = "89ab".charAt(Character.digit(hex.charAt(16), 16) & 3);
    return "%s-%s-4%s-%c%s-%s"
        .formatted(
            hex.substring(0, 8),
            hex.substring(8, 12),
            hex.substring(13, 16),
            variant,
            hex.substring(17, 20),
            hex.substring(20));
  }

  static Element element(Optional<String> id, String device) {
    Element.Builder agent =
        Element.named("user-agent", Namespaces.SASL2)
            .attribute("id", id)
            .child(Element.text("software", Namespaces.SASL2, SOFTWARE));
    if (!device.isEmpty()) {
      agent.child(Element.text("device", Namespaces.SASL2, device));
    }
    return agent.build();
  }
}
