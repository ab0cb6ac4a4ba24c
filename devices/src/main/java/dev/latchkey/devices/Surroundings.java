// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import dev.latchkey.credential.CredentialStore;
import dev.latchkey.credential.Waypoints;
import java.time.Instant;
import java.time.InstantSource;
import java.util.random.RandomGenerator;

/// What every use case stands on.
///
/// @param store where accounts are kept
/// @param clock the time
/// @param random the source of ids and secrets; unpredictable in production
/// @param waypoints where tests step in
public record Surroundings(
    CredentialStore store, InstantSource clock, RandomGenerator random, Waypoints waypoints) {
  Instant now() {
    return clock.instant();
  }
}
