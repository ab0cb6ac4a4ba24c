// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.session;

import java.time.Duration;

/// How much a session may cost whose client is away (XEP-0198).
///
/// @param longest how long it waits for its client
/// @param stanzas how many stanzas may be unacknowledged of those that came unasked, and four times
///   as many with what its client asked for; then the session ends
/// @param characters how many characters they may have in all
/// @param perDevice how many sessions of one device may wait; of more, the oldest ends
/// @param sessions how many sessions may wait in all; one more ends instead of waiting
public record ManagementPolicy(
    Duration longest, int stanzas, int characters, int perDevice, int sessions) {
  /// What an operator gets who sets nothing.
  public static final ManagementPolicy DEFAULT =
      new ManagementPolicy(Duration.ofMinutes(30), 1_000, 768 * 1_024, 4, 100_000);
}
