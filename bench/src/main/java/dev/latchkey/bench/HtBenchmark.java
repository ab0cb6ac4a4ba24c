// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.bench;

import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.AccountSnapshot;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Decoys;
import dev.latchkey.credential.Secret;
import dev.latchkey.credential.Verifier;
import dev.latchkey.sasl.ChannelBindingType;
import dev.latchkey.sasl.ConnectionFacts;
import dev.latchkey.sasl.SaslStep;
import dev.latchkey.sasl.SignInRequest;
import dev.latchkey.sasl.UserAgentId;
import dev.latchkey.sasl.ht.HtClient;
import dev.latchkey.sasl.ht.HtDirectory;
import dev.latchkey.sasl.ht.HtMechanism;
import dev.latchkey.sasl.ht.HtVariant;
import dev.latchkey.sasl.ht.LiveHtDirectory;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
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

/// HT: what finding a token costs the server, whose user agent has as many as it may, and what the
/// proof and the check of the answer cost the client. The store's part is left out.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class HtBenchmark {
  /// Which mechanism.
  @Param({"HT_SHA_256_EXPR", "HT_SHA_512_EXPR"})
  public HtVariant variant = HtVariant.HT_SHA_256_EXPR;

  private final SecureRandom random = new SecureRandom();
  private final AccountJid account = AccountJid.parse("nina@localhost");
  private final UserAgentId userAgent = new UserAgentId("d4565fa7-4d72-4749-b3d3-740edbf87770");
  private final Secret token = drawn();
  private final ConnectionFacts facts =
      new ConnectionFacts(
          Map.of(ChannelBindingType.TLS_EXPORTER, Bytes.random(32, random)), Optional.empty());
  private final SignInRequest request =
      new SignInRequest(
          facts, account.domain(), Optional.of(account.jid()), Optional.of(userAgent), List.of());

  private HtMechanism mechanism = HtMechanism.of(variant, (_, _, _, _) -> List.of());
  private Optional<Bytes> proof = Optional.empty();
  private Optional<Bytes> answer = Optional.empty();

  /// Fills the account, the right token last, and lets one honest exchange happen.
  @Setup(Level.Trial)
  public void fill() {
    List<Verifier.Fast> tokens =
        Stream.concat(
                Stream.generate(this::drawn).limit(HtDirectory.MOST_CANDIDATES - 1),
                Stream.of(token))
            .map(
                each ->
                    new Verifier.Fast(variant.mechanism().text(), each, userAgent.sha256(), true))
            .toList();
    AccountSnapshot full = AccountOfTokens.holding(account, tokens);
    mechanism =
        HtMechanism.of(
            variant,
            new LiveHtDirectory(
                _ -> Optional.of(full),
                InstantSource.fixed(AccountOfTokens.MADE),
                Decoys.UNSEALED));
    proof = HtClient.begin(variant, account, token, facts).initialResponse();
    answer = ((SaslStep.Success) server()).additionalData();
  }

  private Secret drawn() {
    return Secret.ofText(Bytes.random(32, random).toBase64());
  }

  /// The server's part: one try on all tokens.
  @Benchmark
  public SaslStep server() {
    return mechanism.begin(request).next(proof);
  }

  /// The client's part: the proof, and the check of the answer.
  @Benchmark
  public HtClient client() {
    HtClient client = HtClient.begin(variant, account, token, facts);
    client.verify(answer);
    return client;
  }
}
