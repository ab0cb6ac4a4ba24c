// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.util.List;

/// How a SASL exchange ended. In the first two the server has proven itself, as far as the
/// mechanism has it do so.
public sealed interface SaslOutcome {
  /// We are signed in.
  ///
  /// @param success the `<success/>`, SASL1's or SASL2's
  record Succeeded(Element success) implements SaslOutcome {}

  /// The proof is accepted, but something is to be done first (SASL2).
  ///
  /// @param continued the `<continue/>`
  record Continued(Element continued) implements SaslOutcome {
    /// What may be done, by name.
    public List<String> tasks() {
      return continued
          .children("tasks", Namespaces.SASL2)
          .flatMap(tasks -> tasks.children("task", Namespaces.SASL2))
          .map(Element::text)
          .toList();
    }
  }

  /// We are not signed in.
  ///
  /// @param failure the `<failure/>`, SASL1's or SASL2's
  record Failed(Element failure) implements SaslOutcome {}
}
