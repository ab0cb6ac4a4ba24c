// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.history;

/// How much is kept for one account, so that nobody else decides how large it becomes. Octets are
/// those of the messages' XML; a message that two accounts keep counts for both.
///
/// @param waiting how many messages may wait for it
/// @param waitingOctets how many octets these may have together; what would be more does not wait
/// @param archivedOctets how many octets its archive may have; when there are more, the oldest go.
///   The newest always stays
public record Room(int waiting, long waitingOctets, long archivedOctets) {
  /// Whether one more may wait.
  ///
  /// @param messages how many wait
  /// @param octets how many octets these have
  /// @param more how many the next has
  public boolean lets(long messages, long octets, long more) {
    return messages < waiting && more <= waitingOctets - octets;
  }
}
