// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.history;

import dev.latchkey.wire.element.Element;

/// A message that waits for its owner.
///
/// @param id says that it was delivered; also tells when it came
/// @param archived whether the owner's archive holds it, under the same id
/// @param message as it was kept
public record OfflineMessage(KeptId id, boolean archived, Element message) {}
