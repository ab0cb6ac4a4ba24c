// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.history;

import java.util.List;
import java.util.OptionalLong;

/// What an archive answers.
public sealed interface ArchiveAnswer {
  /// A page.
  ///
  /// @param messages the oldest first, also when asked from the end
  /// @param complete whether there is nothing more in the direction that was asked
  /// @param count how many messages the whole result has, where that is known without much work
  record Page(List<ArchivedMessage> messages, boolean complete, OptionalLong count)
      implements ArchiveAnswer {
    /// Copies.
    public Page {
      messages = List.copyOf(messages);
    }
  }

  /// An id that was asked for is not in the archive (XEP-0313 §4.1.3 and §4.3.2).
  record NotFound() implements ArchiveAnswer {}
}
