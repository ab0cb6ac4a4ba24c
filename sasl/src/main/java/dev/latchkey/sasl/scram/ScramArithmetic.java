// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.scram;

import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.ScramHash;

/// The costly steps of trying a proof. A door, so that they can be counted: what is the same for
/// everybody is a number of these (rule 15).
interface ScramArithmetic {
  /// That of the platform.
  ScramArithmetic PLATFORM =
      new ScramArithmetic() {
        @Override
        public Bytes hmac(ScramHash hash, Bytes key, Bytes data) {
          return hash.hmac(key, data);
        }

        @Override
        public Bytes hash(ScramHash hash, Bytes data) {
          return hash.hash(data);
        }
      };

  /// HMAC(key, data).
  Bytes hmac(ScramHash hash, Bytes key, Bytes data);

  /// H(data).
  Bytes hash(ScramHash hash, Bytes data);
}
