// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.scram;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Credential;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.Decoys;
import dev.latchkey.credential.SampleAccount;
import dev.latchkey.credential.ScramHash;
import dev.latchkey.credential.ScramVerifier;
import dev.latchkey.credential.Secret;
import dev.latchkey.testkit.SeededRandom;
import dev.latchkey.testkit.Spec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CandidateTrialTest {
  private static final ScramHash HASH = ScramHash.SHA_256;
  private static final Bytes AUTH_MESSAGE = Bytes.utf8("AuthMessage");

  private final SeededRandom random = SeededRandom.announced();
  private final CountingArithmetic arithmetic = new CountingArithmetic();
  private final CandidateTrial trial = new CandidateTrial(arithmetic, HASH);

  private static ScramCandidate candidate(ScramHash hash, int number, Secret salted) {
    ScramVerifier verifier = ScramVerifier.ofSaltedPassword(hash, salted);
    SampleAccount nina = new SampleAccount("nina@chat.example");
    Credential code =
        nina.code(
            String.valueOf(number), SampleAccount.codeOf(List.of(verifier), Optional.empty()));
    return new ScramCandidate(nina.snapshot(), code, verifier);
  }

  private List<Secret> secrets(int count) {
    List<Secret> secrets = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      secrets.add(Secret.of(Bytes.random(HASH.length(), random)));
    }
    return secrets;
  }

  private static List<ScramCandidate> candidates(List<Secret> secrets) {
    List<ScramCandidate> candidates = new ArrayList<>();
    for (int i = 0; i < secrets.size(); i++) {
      candidates.add(candidate(HASH, i + 1, secrets.get(i)));
    }
    return candidates;
  }

  private static Bytes proof(Secret salted) {
    Bytes clientKey = HASH.hmac(salted.reveal(), Bytes.utf8("Client Key"));
    return clientKey.xor(HASH.hmac(HASH.hash(clientKey), AUTH_MESSAGE));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 32, 63, 64})
  @Spec(doc = "latchkey", section = "15", rule = "64 are tried, whichever matches")
  void theFirstAndTheLastSlotCostTheSame(int slot) {
    List<Secret> secrets = secrets(64);
    Secret right = secrets.get(slot - 1);
    CandidateTrial.Match match =
        trial.run(candidates(secrets), Decoys.UNSEALED, proof(right), AUTH_MESSAGE).orElseThrow();
    assertThat(match.candidate().credential().id()).isEqualTo(new CredentialId("cred-" + slot));
    assertThat(match.serverSignature())
        .isEqualTo(HASH.hmac(HASH.hmac(right.reveal(), Bytes.utf8("Server Key")), AUTH_MESSAGE));
    assertThat(arithmetic.hmacs).isEqualTo(65);
    assertThat(arithmetic.hashes).isEqualTo(64);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 17, 64})
  void noMatchCostsTheSameHoweverManyThereAre(int count) {
    assertThat(
            trial.run(
                candidates(secrets(count)),
                Decoys.UNSEALED,
                proof(secrets(1).getFirst()),
                AUTH_MESSAGE))
        .isEmpty();
    assertThat(arithmetic.hmacs).isEqualTo(65);
    assertThat(arithmetic.hashes).isEqualTo(64);
  }

  @Test
  void ofTwoThatMatchTheFirstIsTaken() {
    Secret secret = secrets(1).getFirst();
    assertThat(
            trial.run(
                candidates(List.of(secret, secret)), Decoys.UNSEALED, proof(secret), AUTH_MESSAGE))
        .map(match -> match.candidate().credential().id())
        .contains(new CredentialId("cred-1"));
  }

  @Test
  void aDummyNeverMatches() {
    CandidateTrial allMatch =
        new CandidateTrial(
            new ScramArithmetic() {
              @Override
              public Bytes hmac(ScramHash hash, Bytes key, Bytes data) {
                return hash.hmac(key, data);
              }

              @Override
              public Bytes hash(ScramHash hash, Bytes data) {
                return Bytes.of(new byte[hash.length()]); // a hash broken so that dummies match
              }
            },
            HASH);
    assertThat(
            allMatch.run(
                candidates(secrets(3)), Decoys.UNSEALED, Bytes.of(new byte[32]), AUTH_MESSAGE))
        .isEmpty();
  }

  @Test
  void takesNoMoreCandidatesThanItTries() {
    assertThatThrownBy(
            () ->
                trial.run(
                    candidates(secrets(65)), Decoys.UNSEALED, Bytes.of(new byte[32]), AUTH_MESSAGE))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void takesNoCandidateOfAnotherHash() {
    ScramCandidate other = candidate(ScramHash.SHA_1, 1, secrets(1).getFirst());
    assertThatThrownBy(
            () -> trial.run(List.of(other), Decoys.UNSEALED, Bytes.of(new byte[32]), AUTH_MESSAGE))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
