// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.journey;

import static dev.latchkey.cli.journey.RunningServer.NINA;
import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.credential.AccountSnapshot;
import dev.latchkey.credential.CredentialStore;
import dev.latchkey.credential.Device;
import dev.latchkey.credential.Secret;
import dev.latchkey.credential.Waypoints;
import dev.latchkey.devices.Acting;
import dev.latchkey.devices.AuthTokenResult;
import dev.latchkey.devices.AuthTokenWish;
import dev.latchkey.devices.AuthTokens;
import dev.latchkey.devices.LiveSessions;
import dev.latchkey.devices.Revocation;
import dev.latchkey.devices.Surroundings;
import dev.latchkey.devices.TheftResponse;
import dev.latchkey.server.Configuration;
import dev.latchkey.server.Seams;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Has X-TOKENs made in a running server's store, whoever is connected.
final class AuthTokenSource {
  /// How long they are good.
  static final Duration LIFE = Duration.ofDays(90);

  private final InstantSource clock;
  private final AtomicReference<@Nullable CredentialStore> store = new AtomicReference<>();
  private final AtomicReference<@Nullable LiveSessions> sessions = new AtomicReference<>();

  AuthTokenSource(InstantSource clock) {
    this.clock = clock;
  }

  /// The wiring by which it sees what it needs.
  Seams in(Seams seams) {
    return seams
        .withSessions(
            live -> {
              sessions.set(live);
              return live;
            })
        .withSignInView(
            seen -> {
              store.set(seen);
              return seen;
            });
  }

  /// A configuration in which such tokens are switched on or off.
  static Configuration configured(Configuration whole, boolean enabled, TheftResponse theft) {
    return whole.with(
        new Configuration.Tokens(
            whole.tokens().fast(),
            whole.tokens().clientKeyLife(),
            enabled,
            whole.tokens().xTokenLife(),
            theft));
  }

  /// Nina's account as it is kept.
  AccountSnapshot account() {
    return Objects.requireNonNull(store.get()).find(NINA).orElseThrow();
  }

  /// A token for the newest device of Nina's.
  Secret issue() {
    LiveSessions live = Objects.requireNonNull(sessions.get());
    Surroundings surroundings =
        new Surroundings(
            Objects.requireNonNull(store.get()), clock, new SecureRandom(), Waypoints.NONE);
    AccountSnapshot account = account();
    Device device = account.devices().getLast();
    AuthTokenResult result =
        new AuthTokens(surroundings, live, new Revocation(surroundings, live), LIFE)
            .issue(
                new Acting(account.account().id(), device.id(), device.generation()),
                Optional.empty(),
                new AuthTokenWish("a stock client", "a phone", Optional.empty()));
    assertThat(result).isInstanceOf(AuthTokenResult.Issued.class);
    return ((AuthTokenResult.Issued) result).token();
  }
}
