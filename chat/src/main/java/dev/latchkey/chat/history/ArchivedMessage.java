// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.history;

import dev.latchkey.wire.element.Element;

/// A message in an archive.
///
/// @param id its id there, which also tells when it came
/// @param message as it was kept
public record ArchivedMessage(KeptId id, Element message) {}
