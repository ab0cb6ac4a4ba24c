// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.blocking;

import dev.latchkey.wire.element.Element;
import java.util.Optional;

/// What a blocking request comes to.
///
/// @param reply what its sender gets; if there is a change, only once that is saved
/// @param change what it changes; nothing if it only asks, is refused, or all is so already
/// @param interested whether the sender's resource gets pushes from now on (XEP-0191 §3.3)
public record BlockAnswer(Element reply, Optional<BlockChange> change, boolean interested) {}
