// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.xtoken;

import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.AccountSnapshot;
import dev.latchkey.credential.Credential;
import dev.latchkey.credential.Domain;
import dev.latchkey.credential.Verifier;
import dev.latchkey.sasl.AuthenticationIdentity;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/// The directory of accounts as they are read at the moment of the sign-in. Thread-safe if the
/// reader is.
public final class LiveTokenDirectory implements TokenDirectory {
  private final Function<AccountJid, Optional<AccountSnapshot>> accounts;
  private final InstantSource clock;

  /// Answers from the given accounts.
  ///
  /// @param accounts reads an account; deleted ones are not found
  /// @param clock what decides whether a token has expired
  public LiveTokenDirectory(
      Function<AccountJid, Optional<AccountSnapshot>> accounts, InstantSource clock) {
    this.accounts = accounts;
    this.clock = clock;
  }

  @Override
  public List<TokenCandidate> candidates(Domain domain, String authcid) {
    Instant now = clock.instant();
    return new AuthenticationIdentity(authcid, domain)
        .account()
        .flatMap(accounts)
        .map(
            snapshot ->
                snapshot.credentials().stream()
                    .filter(credential -> snapshot.isLive(credential, now))
                    .sorted(Comparator.comparing(Credential::created).reversed())
                    .flatMap(credential -> candidate(snapshot, credential))
                    .limit(MOST_CANDIDATES)
                    .toList())
        .orElse(List.of());
  }

  private static Stream<TokenCandidate> candidate(AccountSnapshot snapshot, Credential credential) {
    return credential.verifier() instanceof Verifier.AuthToken token
        ? Stream.of(new TokenCandidate(snapshot, credential, token.hash()))
        : Stream.empty();
  }
}
