// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.session;

import dev.latchkey.wire.element.Element;
import java.util.Optional;

/// A stanza that was handed to a client which never acknowledged it (XEP-0198 §5).
///
/// @param stanza as it was handed over
/// @param receipt what was said of it then
public record Undelivered(Element stanza, Optional<Receipt> receipt) {}
