// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.bench;

import dev.latchkey.authority.CertificateAuthority;
import dev.latchkey.authority.IssueOrder;
import dev.latchkey.authority.IssuedCertificate;
import dev.latchkey.authority.issue.AuthorityKeys;
import dev.latchkey.authority.issue.SoftwareAuthority;
import dev.latchkey.authority.request.ReadRequest;
import dev.latchkey.authority.request.RequestReader;
import dev.latchkey.client.DeviceKey;
import dev.latchkey.credential.Account;
import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.AccountSnapshot;
import dev.latchkey.credential.AccountStatus;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.CertificateHolder;
import dev.latchkey.credential.Credential;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.CredentialStatus;
import dev.latchkey.credential.Device;
import dev.latchkey.credential.DeviceId;
import dev.latchkey.credential.DeviceOrigin;
import dev.latchkey.credential.DeviceStatus;
import dev.latchkey.credential.Permissions;
import dev.latchkey.credential.Secret;
import dev.latchkey.credential.Verifier;
import dev.latchkey.sasl.ConnectionFacts;
import dev.latchkey.sasl.EnrolmentLink;
import dev.latchkey.sasl.SaslStep;
import dev.latchkey.sasl.SignInRequest;
import dev.latchkey.sasl.external.ExternalMechanism;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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

/// What the server does with certificates: reading a request, signing it, the link between code and
/// request, and deciding who a certificate signs in.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class CertificateBenchmark {
  private final InstantSource clock = InstantSource.system();
  private final Instant now = clock.instant();
  private final SecureRandom random = new SecureRandom();
  private final AccountJid account = AccountJid.parse("nina@localhost");
  private final DeviceKey key = DeviceKey.make();
  private final Bytes request = key.request(account, Optional.empty());
  private final Secret serverKey = Secret.of(Bytes.random(32, random));
  private final CertificateAuthority authority =
      new SoftwareAuthority(AuthorityKeys.create(account.domain(), random, now), random);
  private final IssueOrder order =
      new IssueOrder(
          key.publicKeyInfo(), account, Optional.empty(), new CredentialId("credential"), now);
  private final IssuedCertificate issued = authority.issue(order);
  private final CertificateHolder holder = holder();
  private final ExternalMechanism external =
      new ExternalMechanism(fingerprint -> List.of(holder), Set.of(account.domain()), clock);
  private final SignInRequest shown =
      new SignInRequest(
          new ConnectionFacts(Map.of(), Optional.of(issued.leaf())),
          account.domain(),
          Optional.empty(),
          List.of(external.name()));
  private final Optional<Bytes> authzid = Optional.of(Bytes.utf8(account.toString()));

  private CertificateHolder holder() {
    Device device =
        new Device(
            new DeviceId("device"),
            new AccountId("account"),
            "phone",
            DeviceStatus.ACTIVE,
            0,
            Permissions.ALL,
            Optional.empty(),
            Optional.empty(),
            DeviceOrigin.ONE_TIME,
            false,
            now,
            Optional.empty());
    Credential credential =
        new Credential(
            order.credential(),
            device.account(),
            Optional.of(device.id()),
            CredentialStatus.ACTIVE,
            0,
            now,
            Optional.of(issued.notAfter()),
            new Verifier.Certificate(
                issued.leaf(),
                Optional.of(issued.issuing()),
                key.publicKeyInfo(),
                Optional.of(request),
                true,
                true));
    return new CertificateHolder(
        new AccountSnapshot(
            new Account(device.account(), account, AccountStatus.ACTIVE, 0, now),
            List.of(device),
            List.of(credential)),
        device,
        credential);
  }

  /// Reads a certificate request and verifies that its sender has the key.
  @Benchmark
  public ReadRequest readRequest() {
    return RequestReader.read(request);
  }

  /// Signs a device's certificate.
  @Benchmark
  public IssuedCertificate issue() {
    return authority.issue(order);
  }

  /// Computes what ties a request to the code.
  @Benchmark
  public Bytes enrolmentLink() {
    return EnrolmentLink.ofRequest(serverKey, account, request);
  }

  /// Decides who a certificate that was shown in TLS signs in; the store's part left out.
  @Benchmark
  public SaslStep external() {
    return external.begin(shown).next(authzid);
  }
}
