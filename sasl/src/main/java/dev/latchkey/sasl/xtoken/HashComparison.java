// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.xtoken;

import dev.latchkey.credential.Bytes;

/// The step of finding a token. A door, so that it can be counted: what is the same for everybody
/// is a number of these.
@FunctionalInterface
interface HashComparison {
  /// Takes the same time wherever two hashes differ.
  HashComparison CONSTANT_TIME = Bytes::equals;

  /// Whether two hashes are the same.
  boolean equal(Bytes one, Bytes other);
}
