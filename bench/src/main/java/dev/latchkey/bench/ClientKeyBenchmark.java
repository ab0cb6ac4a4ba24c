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
import dev.latchkey.sasl.clientkey.ClientKeyClient;
import dev.latchkey.sasl.clientkey.ClientKeyMaterial;
import dev.latchkey.sasl.clientkey.ClientKeyMechanism;
import dev.latchkey.sasl.clientkey.ClientKeyVariant;
import dev.latchkey.sasl.clientkey.HeldClientKey;
import dev.latchkey.sasl.clientkey.LiveClientKeyDirectory;
import dev.latchkey.sasl.gs2.ChannelBindingChoice;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// CLIENT-KEY-PLUS: what a sign-in costs the server, with the counter it expects and with none that
/// fits, and what the proof and the check of the answer cost the client. The store's part is left
/// out.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ClientKeyBenchmark {
  private static final ClientKeyVariant VARIANT = ClientKeyVariant.CLIENT_KEY_PLUS;

  /// So far on that the server looks back as far as it ever does.
  private static final long COUNTER = 2L * Verifier.ClientKey.LOOK_BACK;

  private final SecureRandom random = new SecureRandom();
  private final AccountJid account = AccountJid.parse("nina@localhost");
  private final Secret validationKey = Secret.of(Bytes.random(32, random));
  private final ClientKeyMaterial material = ClientKeyMaterial.make(validationKey, random);
  private final HeldClientKey held =
      HeldClientKey.registered("phone", validationKey, material.encryptedSecret()).orElseThrow();
  private final Bytes exporter = Bytes.random(32, random);
  private final SignInRequest request =
      new SignInRequest(
          new ConnectionFacts(Map.of(ChannelBindingType.TLS_EXPORTER, exporter), Optional.empty()),
          account.domain(),
          Optional.empty(),
          List.of(VARIANT.mechanism()));
  private final ClientKeyMechanism mechanism = mechanism();
  private final Optional<Bytes> proof = begin(exporter).initialResponse();
  private final Optional<Bytes> relayed = begin(Bytes.random(32, random)).initialResponse();
  private final Optional<Bytes> answer =
      ((SaslStep.Success) mechanism.begin(request).next(proof)).additionalData();

  private ClientKeyMechanism mechanism() {
    AccountSnapshot stored =
        AccountOfTokens.holding(
            account,
            List.of(
                new Verifier.ClientKey(
                    held.clientId(),
                    "Phone",
                    material.encryptedSecret(),
                    material.validator(),
                    COUNTER,
                    0,
                    false)));
    return ClientKeyMechanism.of(
        VARIANT,
        new LiveClientKeyDirectory(
            _ -> Optional.of(stored),
            _ -> false,
            InstantSource.fixed(AccountOfTokens.MADE),
            Decoys.UNSEALED));
  }

  private ClientKeyClient begin(Bytes binding) {
    return ClientKeyClient.begin(
        VARIANT,
        account,
        held,
        COUNTER,
        new ChannelBindingChoice.Bound(ChannelBindingType.TLS_EXPORTER, binding));
  }

  /// The server's part of a sign-in with the next counter.
  @Benchmark
  public SaslStep server() {
    return mechanism.begin(request).next(proof);
  }

  /// The server's part where somebody stands between: every counter is tried, and none fits.
  @Benchmark
  public SaslStep serverBehindARelay() {
    return mechanism.begin(request).next(relayed);
  }

  /// The client's part: the proof, and the check of the answer.
  @Benchmark
  public ClientKeyClient client() {
    ClientKeyClient client = begin(exporter);
    client.verify(answer);
    return client;
  }
}
