// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.signin;

import static dev.latchkey.wire.element.Namespaces.PIPELINING;

import dev.latchkey.credential.Bytes;
import dev.latchkey.wire.element.Element;
import java.util.List;
import java.util.stream.Collectors;

/// XEP-0509: a name for what is offered on a stream, so that a client may sign in before it has
/// seen the offer and still not by an outdated one. A hint at freshness, no protection: it stands
/// outside of what any mechanism proves.
///
/// @param value changes when the features do
record ConfigVersion(String value) {
  private static final int OCTETS = 16;

  /// That of a list of features.
  static ConfigVersion of(List<Element> features) {
    String all = features.stream().map(Element::toXml).collect(Collectors.joining());
    return new ConfigVersion(Bytes.utf8(all).sha256().slice(0, OCTETS).toBase64());
  }

  /// As it is listed beside them.
  Element feature() {
    return Element.named("config-version", PIPELINING).attribute("value", value).build();
  }

  /// Whether a sign-in was made for another offer than this. One that says nothing was not.
  boolean isMissedBy(Element start) {
    return start
        .child("config-version", PIPELINING)
        .filter(
            said ->
                !said.attribute("value").equals(java.util.Optional.of(value))
                    || !said.attribute("scheme").orElse("opaque").equals("opaque"))
        .isPresent();
  }

  /// What such a sign-in is answered with.
  static Element mismatch() {
    return Element.empty("config-version-mismatch", PIPELINING);
  }
}
