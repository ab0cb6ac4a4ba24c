// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.clientkey;

import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.AccountSnapshot;
import dev.latchkey.credential.Credential;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.Decoys;
import dev.latchkey.credential.Domain;
import dev.latchkey.credential.Verifier;
import dev.latchkey.sasl.AuthenticationIdentity;
import dev.latchkey.sasl.Standing;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// The directory of accounts as they are read at the moment of the proof. Thread-safe if the reader
/// and the pauses are.
public final class LiveClientKeyDirectory implements ClientKeyDirectory {
  private static final Comparator<ClientKeyCandidate> DEAD_AND_OLDEST_FIRST =
      Comparator.comparing((ClientKeyCandidate candidate) -> candidate.refusal().isEmpty())
          .thenComparing(candidate -> candidate.credential().created());

  private final Function<AccountJid, Optional<AccountSnapshot>> accounts;
  private final Predicate<CredentialId> paused;
  private final InstantSource clock;
  private final Decoys decoys;

  /// Answers from the given accounts.
  ///
  /// @param accounts reads an account; deleted ones are not found
  /// @param paused whether a key rests now
  /// @param clock what decides whether a key has expired
  /// @param decoys sealed as the accounts' secrets are
  public LiveClientKeyDirectory(
      Function<AccountJid, Optional<AccountSnapshot>> accounts,
      Predicate<CredentialId> paused,
      InstantSource clock,
      Decoys decoys) {
    this.accounts = accounts;
    this.paused = paused;
    this.clock = clock;
    this.decoys = decoys;
  }

  @Override
  public Decoys decoys() {
    return decoys;
  }

  @Override
  public Optional<ClientKeyCandidate> find(Domain domain, String authcid, String clientId) {
    Instant now = clock.instant();
    return new AuthenticationIdentity(authcid, domain)
        .account()
        .flatMap(accounts)
        .flatMap(
            snapshot ->
                snapshot.credentials().stream()
                    .flatMap(credential -> candidate(snapshot, credential, now))
                    .filter(candidate -> candidate.key().clientId().equals(clientId))
                    .max(DEAD_AND_OLDEST_FIRST));
  }

  private Stream<ClientKeyCandidate> candidate(
      AccountSnapshot snapshot, Credential credential, Instant now) {
    return credential.verifier() instanceof Verifier.ClientKey key
        ? Stream.of(
            new ClientKeyCandidate(
                snapshot,
                credential,
                key,
                Standing.refusal(snapshot, credential, now),
                paused.test(credential.id())))
        : Stream.empty();
  }
}
