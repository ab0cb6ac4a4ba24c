// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.ht;

import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.AccountSnapshot;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Credential;
import dev.latchkey.credential.CredentialStatus;
import dev.latchkey.credential.Decoys;
import dev.latchkey.credential.Domain;
import dev.latchkey.credential.Verifier;
import dev.latchkey.sasl.AuthenticationIdentity;
import dev.latchkey.sasl.MechanismName;
import dev.latchkey.sasl.Standing;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// The directory of accounts as they are read at the moment of the proof. Thread-safe if the reader
/// is.
public final class LiveHtDirectory implements HtDirectory {
  /// Live ones first, then those whose use is evidence, the newest of each first.
  private static final Comparator<HtCandidate> ORDER =
      Comparator.comparing((HtCandidate candidate) -> candidate.refusal().isPresent())
          .thenComparing(
              candidate -> candidate.credential().status() != CredentialStatus.SUPERSEDED)
          .thenComparing(candidate -> candidate.credential().created(), Comparator.reverseOrder());

  private final Function<AccountJid, Optional<AccountSnapshot>> accounts;
  private final InstantSource clock;
  private final Decoys decoys;

  /// Answers from the given accounts.
  ///
  /// @param accounts reads an account; deleted ones are not found
  /// @param clock what decides whether a token has expired
  /// @param decoys sealed as the accounts' secrets are
  public LiveHtDirectory(
      Function<AccountJid, Optional<AccountSnapshot>> accounts,
      InstantSource clock,
      Decoys decoys) {
    this.accounts = accounts;
    this.clock = clock;
    this.decoys = decoys;
  }

  @Override
  public Decoys decoys() {
    return decoys;
  }

  @Override
  public List<HtCandidate> candidates(
      Domain domain, String authcid, Bytes userAgent, MechanismName mechanism) {
    Instant now = clock.instant();
    return new AuthenticationIdentity(authcid, domain)
        .account()
        .flatMap(accounts)
        .map(snapshot -> candidates(snapshot, userAgent, mechanism, now))
        .orElse(List.of());
  }

  private static List<HtCandidate> candidates(
      AccountSnapshot snapshot, Bytes userAgent, MechanismName mechanism, Instant now) {
    List<HtCandidate> candidates = new ArrayList<>();
    for (Credential credential : snapshot.credentials()) {
      if (credential.verifier() instanceof Verifier.Fast token
          && token.userAgent().equals(userAgent)
          && token.mechanism().equals(mechanism.text())) {
        candidates.add(
            new HtCandidate(
                snapshot, credential, token, Standing.refusal(snapshot, credential, now)));
      }
    }
    candidates.sort(ORDER);
    return List.copyOf(candidates.subList(0, Math.min(candidates.size(), MOST_CANDIDATES)));
  }
}
