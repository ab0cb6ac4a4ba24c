// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.bench;

import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.AccountSnapshot;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Credential;
import dev.latchkey.credential.Domain;
import dev.latchkey.credential.MachineSecret;
import dev.latchkey.credential.ScramHash;
import dev.latchkey.credential.Secret;
import dev.latchkey.credential.Verifier;
import dev.latchkey.sasl.ConnectionFacts;
import dev.latchkey.sasl.SaslExchange;
import dev.latchkey.sasl.SaslStep;
import dev.latchkey.sasl.SignInRequest;
import dev.latchkey.sasl.gs2.ChannelBindingChoice;
import dev.latchkey.sasl.scram.ScramCandidate;
import dev.latchkey.sasl.scram.ScramClient;
import dev.latchkey.sasl.scram.ScramDirectory;
import dev.latchkey.sasl.scram.ScramMechanism;
import dev.latchkey.sasl.scram.ScramParameters;
import dev.latchkey.sasl.scram.ScramSalts;
import dev.latchkey.sasl.scram.ScramSecrets;
import dev.latchkey.sasl.scram.ScramVariant;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// SCRAM: what a try costs the server, whose account is full, and what it costs the client, who
/// derives its key from the password.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ScramBenchmark {
  /// Which mechanism.
  @Param({"SCRAM_SHA_256", "SCRAM_SHA_1"})
  public ScramVariant variant = ScramVariant.SCRAM_SHA_256;

  private final SecureRandom random = new SecureRandom();
  private final AccountJid account = AccountJid.parse("nina@localhost");
  private final Secret password = MachineSecret.draw(random).canonical();
  private final ScramSalts salts = new ScramSalts(Secret.of(Bytes.random(32, random)));
  private final SignInRequest request =
      new SignInRequest(
          new ConnectionFacts(Map.of(), Optional.empty()),
          account.domain(),
          Optional.empty(),
          List.of());
  private final FullAccount directory = new FullAccount();

  // What one honest exchange has said, up to where each half does its work.
  private SaslExchange server = begin();
  private ScramClient client = newClient();
  private Bytes proof = Bytes.utf8("");
  private Bytes challenge = Bytes.utf8("");

  /// Fills the account: as many candidates as there may be, the right one last.
  @Setup(Level.Trial)
  public void fill() {
    directory.fill();
  }

  /// Says all that comes before.
  @Setup(Level.Invocation)
  public void untilTheProof() {
    server = begin();
    ScramClient prover = newClient();
    proof = prover.respond(challenge(server, prover));
    client = newClient();
    challenge = challenge(begin(), client);
  }

  private static Bytes challenge(SaslExchange server, ScramClient client) {
    return ((SaslStep.Challenge) server.next(client.initialResponse())).data();
  }

  /// The server's part: one try on 64 candidates.
  @Benchmark
  public SaslStep server() {
    return server.next(Optional.of(proof));
  }

  /// The client's part, key derivation and all.
  @Benchmark
  public Bytes client() {
    return client.respond(challenge);
  }

  private SaslExchange begin() {
    return ScramMechanism.of(variant, directory, random).begin(request);
  }

  private ScramClient newClient() {
    return ScramClient.begin(
        variant, account, password, new ChannelBindingChoice.Unable(), Optional.empty(), random);
  }

  /// An account with as many device passwords as it may have.
  private final class FullAccount implements ScramDirectory {
    private final List<ScramCandidate> candidates = new ArrayList<>();

    void fill() {
      ScramSecrets secrets = new ScramSecrets(salts);
      MachineSecret right = MachineSecret.read(password.revealText()).orElseThrow();
      List<Verifier.Password> passwords =
          IntStream.range(0, MOST_CANDIDATES)
              .mapToObj(i -> i == MOST_CANDIDATES - 1 ? right : MachineSecret.draw(random))
              .map(secret -> new Verifier.Password(secrets.ofDevicePassword(account, secret)))
              .toList();
      AccountSnapshot full = AccountOfTokens.holding(account, passwords);
      for (int i = 0; i < MOST_CANDIDATES; i++) {
        Credential credential = full.credentials().get(i);
        passwords.get(i).keys().stream()
            .filter(verifier -> verifier.hash() == variant.hash())
            .forEach(verifier -> candidates.add(new ScramCandidate(full, credential, verifier)));
      }
    }

    @Override
    public ScramParameters parameters(Domain domain, String authcid, ScramHash hash) {
      return salts.parameters(domain, authcid, hash);
    }

    @Override
    public List<ScramCandidate> candidates(Domain domain, String authcid, ScramHash hash) {
      return candidates;
    }
  }
}
