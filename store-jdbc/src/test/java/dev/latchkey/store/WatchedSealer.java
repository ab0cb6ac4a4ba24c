// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Sealer;
import dev.latchkey.credential.Secret;

/// A sealer that says what it does before it does it.
///
/// @param sealer does it
/// @param beforeSealing told before each seal; what it throws stops that
/// @param beforeOpening told before each opening
record WatchedSealer(Sealer sealer, Runnable beforeSealing, Runnable beforeOpening)
    implements Sealer {
  @Override
  public Bytes seal(Secret plain, Bytes context) {
    beforeSealing.run();
    return sealer.seal(plain, context);
  }

  @Override
  public Secret open(Bytes sealed, Bytes context) {
    beforeOpening.run();
    return sealer.open(sealed, context);
  }

  @Override
  public boolean isCurrent(Bytes sealed) {
    return sealer.isCurrent(sealed);
  }
}
