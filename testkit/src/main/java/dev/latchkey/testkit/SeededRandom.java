// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.testkit;

import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/// Randomness that can be had again: the seed is printed, and `-Dseed=N` sets it.
///
/// Not thread-safe, and never a source of secrets.
public final class SeededRandom implements RandomGenerator {
  private final RandomGenerator generator;

  /// Draws from the given seed.
  public SeededRandom(long seed) {
    generator = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
  }

  /// Draws from a new seed, or from the one that `-Dseed=N` names, and prints it.
  public static SeededRandom announced() {
    long seed = Long.getLong("seed", System.nanoTime());
    System.out.println("seed: " + seed + " (repeat with -Dseed=" + seed + ")");
    return new SeededRandom(seed);
  }

  @Override
  public synchronized long nextLong() {
    return generator.nextLong();
  }
}
