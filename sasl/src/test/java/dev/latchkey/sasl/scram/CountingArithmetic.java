// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.scram;

import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.ScramHash;

/// The platform's arithmetic, counted.
final class CountingArithmetic implements ScramArithmetic {
  int hmacs;
  int hashes;

  @Override
  public Bytes hmac(ScramHash hash, Bytes key, Bytes data) {
    hmacs++;
    return PLATFORM.hmac(hash, key, data);
  }

  @Override
  public Bytes hash(ScramHash hash, Bytes data) {
    hashes++;
    return PLATFORM.hash(hash, data);
  }
}
