// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.scram;

import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.AccountSnapshot;
import dev.latchkey.credential.Credential;
import dev.latchkey.credential.Decoys;
import dev.latchkey.credential.Domain;
import dev.latchkey.credential.ScramHash;
import dev.latchkey.credential.ScramVerifier;
import dev.latchkey.credential.Verifier;
import dev.latchkey.sasl.AuthenticationIdentity;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/// The directory of accounts as they are read at the moment of the proof: every live device
/// password and one-time code is a candidate. Thread-safe if the reader is.
public final class LiveScramDirectory implements ScramDirectory {
  private final ScramSalts salts;
  private final Function<AccountJid, Optional<AccountSnapshot>> accounts;
  private final InstantSource clock;
  private final Decoys decoys;

  /// Answers from the given accounts.
  ///
  /// @param salts the salts that the verifiers were made under
  /// @param accounts reads an account; deleted ones are not found
  /// @param clock what decides whether a secret has expired
  /// @param decoys sealed as the accounts' secrets are
  public LiveScramDirectory(
      ScramSalts salts,
      Function<AccountJid, Optional<AccountSnapshot>> accounts,
      InstantSource clock,
      Decoys decoys) {
    this.salts = salts;
    this.accounts = accounts;
    this.clock = clock;
    this.decoys = decoys;
  }

  @Override
  public Decoys decoys() {
    return decoys;
  }

  @Override
  public ScramParameters parameters(Domain domain, String authcid, ScramHash hash) {
    return salts.parameters(domain, authcid, hash);
  }

  @Override
  public List<ScramCandidate> candidates(Domain domain, String authcid, ScramHash hash) {
    Instant now = clock.instant();
    return new AuthenticationIdentity(authcid, domain)
        .account()
        .flatMap(accounts)
        .map(
            snapshot ->
                snapshot.credentials().stream()
                    .filter(credential -> snapshot.isLive(credential, now))
                    .flatMap(credential -> candidates(snapshot, credential, hash))
                    .toList())
        .orElse(List.of());
  }

  private static Stream<ScramCandidate> candidates(
      AccountSnapshot snapshot, Credential credential, ScramHash hash) {
    List<ScramVerifier> keys =
        switch (credential.verifier()) {
          case Verifier.Password password -> password.keys();
          case Verifier.OneTime code -> code.keys();
          case Verifier.Certificate _,
              Verifier.Fast _,
              Verifier.ClientKey _,
              Verifier.AuthToken _ ->
              List.of();
        };
    return keys.stream()
        .filter(key -> key.hash() == hash)
        .map(key -> new ScramCandidate(snapshot, credential, key));
  }
}
