// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/// Attempts to get a connection, with waits between them, until one succeeds, or no further one can
/// help, or it took too long. Belongs to one thread at a time.
final class Attempts {
  /// A connection that held so long worked: losing it is no reason to wait. One that did not may be
  /// lost for a reason that is still there, so its loss counts as one more failed attempt.
  static final Duration WORKED = Duration.ofSeconds(10);

  /// What passes (RFC 6120 §4.9.3), or at least does not say that we are unwelcome.
  private static final Set<String> PASSING =
      Set.of(
          "connection-timeout",
          "internal-server-error",
          "remote-connection-failed",
          "reset",
          "resource-constraint",
          "system-shutdown");

  private final Staying staying;
  private final ClientEnvironment environment;
  private final Supplier<Duration> rest;
  private final Backoff backoff;

  /// @param rest about how long to wait at least before another attempt
  Attempts(Staying staying, ClientEnvironment environment, Supplier<Duration> rest) {
    this.staying = staying;
    this.environment = environment;
    this.rest = rest;
    this.backoff = new Backoff(environment.random());
  }

  /// A connection was lost that had held so long.
  void lostAfter(Duration held) {
    if (held.compareTo(WORKED) >= 0) {
      backoff.reset();
    }
  }

  /// Tries for the first time, until it succeeds.
  ///
  /// @throws ClientException why not to try any more
  <T> T first(Supplier<T> attempt) throws InterruptedException {
    return make(attempt, Optional.empty());
  }

  /// Tries again, until it succeeds.
  ///
  /// @param lost what there was
  /// @throws ClientException why not to try any more
  <T> T after(ClientException lost, Supplier<T> attempt) throws InterruptedException {
    return make(attempt, Optional.of(lost));
  }

  private <T> T make(Supplier<T> attempt, Optional<ClientException> lost)
      throws InterruptedException {
    Duration begun = environment.ticker().reading();
    Optional<ClientException> last = lost;
    while (true) {
      Duration wait = backoff.next();
      if (last.isPresent()) {
        wait = longer(wait, rested());
      }
      giveUpIfLate(begun, wait, last);
      if (last.isPresent()) {
        staying.listener().accept(new ConnectionEvent.TryingAgain(wait));
      }
      if (!wait.isZero()) {
        environment.pause().last(wait);
      }
      try {
        return attempt.get();
      } catch (ClientException failed) {
        if (!canHelpAfter(failed)) {
          throw failed;
        }
        staying.listener().accept(new ConnectionEvent.Lost(failed));
        last = Optional.of(failed);
      }
    }
  }

  /// Some of it is random, as all of the other wait is.
  private Duration rested() {
    Duration bound = rest.get();
    return bound.isZero()
        ? bound
        : bound.minusMillis(environment.random().nextLong(bound.dividedBy(2).toMillis()));
  }

  private static Duration longer(Duration one, Duration other) {
    return one.compareTo(other) >= 0 ? one : other;
  }

  private void giveUpIfLate(Duration begun, Duration wait, Optional<ClientException> last) {
    if (staying.within().isEmpty()) {
      return;
    }
    Duration bound = staying.within().get();
    Duration took = environment.ticker().reading().minus(begun).plus(wait);
    if (last.isPresent() && took.compareTo(bound) > 0) {
      throw new ConnectionLostException(
          "given up after %d seconds: %s".formatted(bound.toSeconds(), last.get().getMessage()),
          last.get());
    }
  }

  /// Whether another attempt can end otherwise than in this.
  static boolean canHelpAfter(ClientException end) {
    return switch (end) {
      case ConnectionLostException _ -> true;
      case StreamErrorException error ->
          PASSING.contains(error.condition()) || ManagementElements.saysTooHigh(error);
      case SignInRefusedException refused -> refused.condition().equals("temporary-auth-failure");
      case StanzaErrorException refused -> refused.type().equals("wait");
      default -> false;
    };
  }
}
