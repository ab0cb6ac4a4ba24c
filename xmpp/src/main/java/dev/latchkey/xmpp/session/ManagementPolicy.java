// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.session;

import java.time.Duration;

/// How much a session may cost whose client is away or acknowledges nothing (XEP-0198).
///
/// @param longest how long it waits for its client
/// @param stanzas how many stanzas may be unacknowledged of those that came unasked: then it is
///   offered nothing more that can wait or be refused, and, if its client is away, ends with what
///   cannot. Four times as many may be in all, with what its client asked for
/// @param characters how many characters they may have
/// @param perDevice how many sessions of one device may wait; of more, the oldest ends
/// @param sessions how many sessions may wait in all; one more ends instead of waiting
/// @param memory how many octets of the memory all that is unacknowledged may take, of all
///   sessions; of more, the largest of the account that holds most end
public record ManagementPolicy(
    Duration longest, int stanzas, int characters, int perDevice, int sessions, long memory) {
  /// What an operator gets who sets nothing.
  public static final ManagementPolicy DEFAULT =
      new ManagementPolicy(
          Duration.ofMinutes(30),
          1_000,
          768 * 1_024,
          4,
          100_000,
          Runtime.getRuntime().maxMemory() / 4);
}
