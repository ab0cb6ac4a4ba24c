// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.authority.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.authority.CertificateRequest;
import dev.latchkey.authority.EnrolmentContext;
import dev.latchkey.authority.KeyKind;
import dev.latchkey.authority.RequestFault;
import dev.latchkey.authority.RequestForge;
import dev.latchkey.authority.request.ReadRequest;
import dev.latchkey.authority.request.RequestReader;
import dev.latchkey.credential.Account;
import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.AccountSnapshot;
import dev.latchkey.credential.AccountStatus;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Credential;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.CredentialStatus;
import dev.latchkey.credential.Device;
import dev.latchkey.credential.DeviceId;
import dev.latchkey.credential.DeviceOrigin;
import dev.latchkey.credential.DeviceStatus;
import dev.latchkey.credential.Permissions;
import dev.latchkey.credential.Resource;
import dev.latchkey.credential.Verifier;
import dev.latchkey.testkit.Spec;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class CertificateRequestChecksTest {
  private static final Instant NOW = Instant.parse("2026-11-21T20:00:00Z");
  private static final AccountId ACCOUNT = new AccountId("acct-1");
  private static final Resource TABLET = new Resource("tablet");

  private static CertificateRequest read(RequestForge forge) {
    ReadRequest read = RequestReader.read(forge.der());
    assertThat(read).isInstanceOf(ReadRequest.Read.class);
    return ((ReadRequest.Read) read).request();
  }

  private static AccountSnapshot account(List<Device> devices, List<Credential> credentials) {
    return new AccountSnapshot(
        new Account(ACCOUNT, AccountJid.parse("nina@chat.example"), AccountStatus.ACTIVE, 1, NOW),
        devices,
        credentials);
  }

  private static EnrolmentContext context(AccountSnapshot account, Optional<Resource> resource) {
    return new EnrolmentContext(account, resource, NOW, EnumSet.allOf(KeyKind.class));
  }

  private static EnrolmentContext empty(Optional<Resource> resource) {
    return context(account(List.of(), List.of()), resource);
  }

  private static Device device(String id, DeviceStatus status, Optional<Resource> lock) {
    return new Device(
        new DeviceId(id),
        ACCOUNT,
        id,
        status,
        0,
        Permissions.NONE,
        lock,
        Optional.empty(),
        DeviceOrigin.ONE_TIME,
        false,
        NOW,
        Optional.empty());
  }

  private static Credential certificate(Bytes publicKey, boolean proven, CredentialStatus status) {
    return new Credential(
        new CredentialId("cred-1"),
        ACCOUNT,
        Optional.of(new DeviceId("dev-1")),
        status,
        0,
        NOW,
        Optional.empty(),
        new Verifier.Certificate(
            Bytes.utf8("certificate"),
            Optional.empty(),
            publicKey.sha256(),
            Optional.empty(),
            proven,
            false));
  }

  private static Optional<RequestFault> judge(RequestForge forge, EnrolmentContext context) {
    return CertificateRequestChecks.firstFault(
        CertificateRequestChecks.standard(), read(forge), context);
  }

  @Test
  void letsRequestWithoutNamesPass() {
    assertThat(judge(RequestForge.p256(), empty(Optional.empty()))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"nina@chat.example", "Nina@CHAT.example", "nina@chat.example/tablet"})
  void letsOwnAddressPass(String jid) {
    assertThat(judge(RequestForge.p256().address(jid), empty(Optional.of(TABLET)))).isEmpty();
    assertThat(
            judge(
                RequestForge.p256().address(jid).subject("CN=" + jid), empty(Optional.of(TABLET))))
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "otto@chat.example",
        "nina@other.example",
        "nina@chat.example/phone",
        "chat.example",
        "*@chat.example",
        "nina@*",
        "*",
        "",
        "nina@chat.example ",
        "nina@chat.example\u0000@other.example",
        "no address/"
      })
  @Spec(doc = "latchkey", section = "30.B", rule = "a request names nobody but its own account")
  void refusesSomebodyElsesAddress(String jid) {
    assertThat(judge(RequestForge.p256().address(jid), empty(Optional.of(TABLET))))
        .contains(RequestFault.BAD_NAME);
  }

  @Test
  void refusesResourceThatIsNotTheLock() {
    assertThat(
            judge(RequestForge.p256().address("nina@chat.example/tablet"), empty(Optional.empty())))
        .contains(RequestFault.BAD_NAME);
  }

  @Test
  void refusesTwoAddresses() {
    assertThat(
            judge(
                RequestForge.p256().address("nina@chat.example").address("nina@chat.example"),
                empty(Optional.empty())))
        .contains(RequestFault.BAD_NAME);
  }

  @ParameterizedTest
  @ValueSource(strings = {"chat.example", "*.chat.example", "*"})
  void refusesHostNames(String name) {
    assertThat(judge(RequestForge.p256().host(name), empty(Optional.empty())))
        .contains(RequestFault.BAD_NAME);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "CN=otto@chat.example",
        "CN=Kitchen tablet",
        "CN=*",
        "O=Chat",
        "CN=nina@chat.example,O=Chat",
        "CN=nina@chat.example,CN=nina@chat.example"
      })
  void refusesOtherSubjects(String subject) {
    assertThat(judge(RequestForge.p256().subject(subject), empty(Optional.empty())))
        .contains(RequestFault.BAD_NAME);
  }

  @Test
  void refusesRequestForAnAuthority() {
    RequestForge forge =
        RequestForge.p256().extension(Extension.basicConstraints, new BasicConstraints(0));
    assertThat(judge(forge, empty(Optional.empty()))).contains(RequestFault.BAD_NAME);
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "7",
      rule = "a key that the TLS provider cannot take is refused by a reason of its own")
  void refusesEd25519WhereTheProviderCannotTakeIt() throws Exception {
    KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    EnrolmentContext context =
        new EnrolmentContext(
            account(List.of(), List.of()),
            Optional.empty(),
            NOW,
            Set.of(KeyKind.P_256, KeyKind.P_384, KeyKind.RSA));
    RequestForge forge = RequestForge.signedWith(pair, "Ed25519");
    assertThat(judge(forge, context)).contains(RequestFault.UNSUPPORTED_KEY);
    assertThat(judge(RequestForge.signedWith(pair, "Ed25519"), empty(Optional.empty()))).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(CredentialStatus.class)
  @Spec(doc = "latchkey", section = "24", rule = "a proven key is never signed again, dead or live")
  void refusesKnownKey(CredentialStatus status) {
    RequestForge forge = RequestForge.p256();
    Credential known = certificate(read(forge).publicKey(), true, status);
    assertThat(judge(forge, context(account(List.of(), List.of(known)), Optional.empty())))
        .contains(RequestFault.KEY_IN_USE);
  }

  @Test
  void bearsKeyThatSomebodyOnlyUploaded() {
    RequestForge forge = RequestForge.p256();
    Credential unproven = certificate(read(forge).publicKey(), false, CredentialStatus.ACTIVE);
    assertThat(judge(forge, context(account(List.of(), List.of(unproven)), Optional.empty())))
        .isEmpty();
  }

  @Test
  @Spec(doc = "latchkey", section = "36", rule = "a locked resource is nobody else's")
  void refusesResourceOfAnotherDevice() {
    for (DeviceStatus status : DeviceStatus.values()) {
      EnrolmentContext context =
          context(
              account(List.of(device("dev-1", status, Optional.of(TABLET))), List.of()),
              Optional.of(TABLET));
      if (status == DeviceStatus.REVOKED) {
        assertThat(judge(RequestForge.p256(), context)).isEmpty();
      } else {
        assertThat(judge(RequestForge.p256(), context)).contains(RequestFault.RESOURCE_IN_USE);
      }
    }
  }

  @Test
  void devicesWithoutLockDoNotCollide() {
    EnrolmentContext context =
        context(
            account(List.of(device("dev-1", DeviceStatus.ACTIVE, Optional.empty())), List.of()),
            Optional.empty());
    assertThat(judge(RequestForge.p256(), context)).isEmpty();
  }

  @Test
  void refusesOneDeviceTooMany() {
    List<Device> full =
        IntStream.range(0, CertificateRequestChecks.DEVICES_PER_ACCOUNT)
            .mapToObj(i -> device("dev-" + i, DeviceStatus.ACTIVE, Optional.empty()))
            .toList();
    AccountSnapshot oneLess = account(full.subList(1, full.size()), List.of());
    assertThat(judge(RequestForge.p256(), context(account(full, List.of()), Optional.empty())))
        .contains(RequestFault.QUOTA);
    assertThat(judge(RequestForge.p256(), context(oneLess, Optional.empty()))).isEmpty();
  }

  @Test
  void revokedDevicesDoNotCountForTheQuota() {
    AccountSnapshot account =
        account(List.of(device("dev-1", DeviceStatus.REVOKED, Optional.empty())), List.of());
    assertThat(
            CertificateRequestChecks.firstFault(
                CertificateRequestChecks.standard(1),
                read(RequestForge.p256()),
                context(account, Optional.empty())))
        .isEmpty();
  }
}
