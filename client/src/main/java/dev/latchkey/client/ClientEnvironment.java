// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import dev.latchkey.wire.socket.EventLoops;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.random.RandomGenerator;

/// What the kit needs of the world around it.
///
/// @param dns asked for SRV records
/// @param random for nonces and ids; in production a SecureRandom. Keys are always drawn by the
///   platform
/// @param clock tells when a message came, and how old a token is
/// @param ticker tells how long a connection held, and how long it was tried
/// @param pause lets time pass between two attempts
/// @param patience how long one step of the other side may take
/// @param loops the threads that do the input and output; without them each connection has one of
///   its own, which ends with it
public record ClientEnvironment(
    SrvLookup dns,
    RandomGenerator random,
    InstantSource clock,
    Ticker ticker,
    Pause pause,
    Duration patience,
    Optional<EventLoops> loops) {
  private static final Duration USUAL_PATIENCE = Duration.ofSeconds(30);

  /// The real one: this machine's resolver and clock, a SecureRandom, 30 seconds.
  public static ClientEnvironment ofThisMachine() {
    return new ClientEnvironment(
        SrvLookup.ofThisMachine(),
        new SecureRandom(),
        InstantSource.system(),
        Ticker.ofThisMachine(),
        Pause.asleep(),
        USUAL_PATIENCE,
        Optional.empty());
  }

  /// The same with another patience.
  public ClientEnvironment withPatience(Duration other) {
    return new ClientEnvironment(dns, random, clock, ticker, pause, other, loops);
  }

  /// The same with threads that many connections share; whoever started them ends them.
  public ClientEnvironment sharing(EventLoops threads) {
    return new ClientEnvironment(dns, random, clock, ticker, pause, patience, Optional.of(threads));
  }
}
