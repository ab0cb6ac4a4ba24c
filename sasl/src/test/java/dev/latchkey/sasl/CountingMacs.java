// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl;

import dev.latchkey.credential.Bytes;

/// The platform's arithmetic, counted.
public final class CountingMacs implements HmacArithmetic {
  private int macs;

  /// How many since the last time this was asked.
  public int taken() {
    int taken = macs;
    macs = 0;
    return taken;
  }

  @Override
  public Bytes mac(HmacHash hash, Bytes key, Bytes data) {
    macs++;
    return PLATFORM.mac(hash, key, data);
  }
}
