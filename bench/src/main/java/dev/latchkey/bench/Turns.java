// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Two loads that were measured in turns, so that whatever the machine did besides, and however
/// fast it was just then, met both.
///
/// @param ours what Latchkey's server did
/// @param bare what TLS did alone
record Turns(Measured ours, Measured bare) {
  /// So many turns each of them has.
  private static final int EACH = 10;

  /// Warms both up until Java's compiler is quiet in them, then measures.
  ///
  /// @param time how long each is measured, all its turns together
  static Turns take(Load ours, Load bare, Duration time) throws Exception {
    ours.warmUp(time);
    bare.warmUp(time);
    List<Load.Round> of = new ArrayList<>();
    List<Load.Round> beside = new ArrayList<>();
    for (int turn = 0; turn < EACH; turn++) {
      of.add(ours.round(time.dividedBy(EACH)));
      beside.add(bare.round(time.dividedBy(EACH)));
    }
    return new Turns(Measured.of(of), Measured.of(beside));
  }
}
