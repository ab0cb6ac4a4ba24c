// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import java.time.Duration;

/// How a client key's values are spared. Each attempt spends one, also where the connection is cut
/// or the server cannot write, and a key that has lost 64 in a row is of no use any more
/// (client-key.md, 5.2): what comes back by itself rests longer and longer, and ends while there is
/// still enough left for a person to try again.
final class Thrift {
  /// So many in a row cost no more than the usual waits.
  static final long USUAL = 4;

  /// So many in a row are spent by a program by itself.
  static final long MOST = 16;

  private static final Duration SHORTEST = Duration.ofMinutes(1);
  private static final Duration LONGEST = Duration.ofHours(1);

  private Thrift() {}

  /// How long to rest before one more is spent.
  ///
  /// @param spent how many were since the last that signed in
  static Duration rest(long spent) {
    if (spent < USUAL) {
      return Duration.ZERO;
    }
    Duration rest = SHORTEST;
    for (long more = USUAL; more < spent && rest.compareTo(LONGEST) < 0; more++) {
      rest = rest.multipliedBy(2);
    }
    return rest.compareTo(LONGEST) < 0 ? rest : LONGEST;
  }

  /// @throws ClientException if no more may be spent without a person
  static void requireLeft(DeviceAccount device, long spent) {
    if (spent >= MOST) {
      throw new ClientException(
          "%s: the last %d values of this device's key led nowhere, and every attempt spends one: it is not tried by itself any more. When the server is well, sign in once by hand (`whoami`); with 64 lost in a row the key is of no use"
              .formatted(device.jid(), spent));
    }
  }
}
