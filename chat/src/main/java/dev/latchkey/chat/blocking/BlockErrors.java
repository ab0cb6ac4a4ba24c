// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.blocking;

import dev.latchkey.chat.stanza.StanzaError;
import dev.latchkey.wire.element.Element;

/// What blocking leads to.
public final class BlockErrors {
  /// Who sends to somebody they block themselves is told so (XEP-0191 §3.3).
  public static final StanzaError TO_BLOCKED =
      StanzaError.NOT_ACCEPTABLE.with(Element.empty("blocked", BlockNamespaces.ERRORS));

  private BlockErrors() {}
}
