// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.roster;

import dev.latchkey.wire.element.Element;
import java.util.Optional;

/// What a roster request comes to.
///
/// @param reply what its sender gets; if there is a change, only once that is saved
/// @param change what it changes; nothing if it only asks or is refused
/// @param interested whether the sender's resource gets roster pushes from now on (RFC 6121 §2.2)
public record RosterAnswer(Element reply, Optional<RosterChange> change, boolean interested) {}
