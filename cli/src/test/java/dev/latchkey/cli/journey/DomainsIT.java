// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.journey;

import static dev.latchkey.cli.journey.RunningServer.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.cli.journey.RunningServer.Way;
import dev.latchkey.client.ClientStream;
import dev.latchkey.client.DeviceKey;
import dev.latchkey.client.LoginUri;
import dev.latchkey.client.SaslOutcome;
import dev.latchkey.client.ServerNotTrustedException;
import dev.latchkey.client.StreamErrorException;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Domain;
import dev.latchkey.sasl.FailureReason;
import dev.latchkey.server.Configuration;
import dev.latchkey.server.ListenAddress;
import dev.latchkey.testkit.Spec;
import dev.latchkey.testkit.Tools;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.tls.ServerTrust;
import dev.latchkey.wire.tls.TlsIdentity;
import dev.latchkey.wire.tls.TlsProvider;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Two domains in one server, one of them with the operator's own certificate.
class DomainsIT {
  private static final Domain CHAT = new Domain("chat.example");
  private static final Domain OTHER = new Domain("other.example");
  private static final AccountJid NINA_CHAT = new AccountJid("nina", CHAT);
  private static final AccountJid NINA_OTHER = new AccountJid("nina", OTHER);

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @Spec(doc = "RFC 6066", section = "3", rule = "SNI chooses the certificate")
  void eachDomainShowsItsOwnCertificate(boolean direct) throws Exception {
    try (RunningServer server = start()) {
      X509Certificate own = certificate("chat");
      assertThat(shown(server, way(CHAT, direct), NINA_CHAT, ServerTrust.pinOf(own)))
          .isEqualTo(Bytes.of(own.getEncoded()));
      Bytes pin = server.invite(NINA_OTHER).pin().orElseThrow();
      assertThat(shown(server, way(OTHER, direct), NINA_OTHER, pin))
          .isNotEqualTo(Bytes.of(own.getEncoded()));
    }
  }

  @Test
  @Spec(doc = "RFC 6120", section = "13.7.2", rule = "without SNI the stream's `to` chooses")
  void aClientWithoutSniIsShownTheDomainItsStreamIsTo() throws Exception {
    try (RunningServer server = start()) {
      server.enrol(server.invite(NINA_OTHER), "other");
      String address = ListenAddress.of(server.server().startTls().orElseThrow()).toString();
      String anchor = server.home("other").folder().resolve("server-ca.crt").toString();
      try (Program program = startTls(address, "other.example", anchor)) {
        program.await("Verify return code: 0 (ok)");
      }
      // The first domain's is not vouched for by the second one's root.
      try (Program program = startTls(address, "chat.example", anchor)) {
        program.await("verify error");
        assertThat(program.awaitEnd()).isNotZero();
      }
    }
  }

  private Program startTls(String address, String domain, String anchor) throws Exception {
    return Program.start(
        folder,
        List.of(
            Tools.program("openssl", "openssl").toString(),
            "s_client",
            "-connect",
            address,
            "-noservername",
            "-starttls",
            "xmpp",
            "-xmpphost",
            domain,
            "-verify_hostname",
            domain,
            "-verify_return_error",
            "-CAfile",
            anchor));
  }

  @Test
  void theInvitationPinsTheOperatorsCertificateWhereNobodyVouchesForIt() throws Exception {
    try (RunningServer server = start()) {
      assertThat(server.invite(NINA_CHAT).pin()).contains(ServerTrust.pinOf(certificate("chat")));
    }
  }

  @ParameterizedTest
  @EnumSource(TlsProvider.class)
  @Spec(doc = "latchkey", section = "58", rule = "SNI and `to` name one domain")
  void refusesStreamToAnotherDomainThanSniNamed(TlsProvider client) throws Exception {
    try (RunningServer server = start()) {
      Bytes pin = ServerTrust.pinOf(certificate("chat"));
      Way chat = new Way(client, "TLSv1.3", true, CHAT);
      ClientStream stream = server.stream(chat, NINA_OTHER, pin, Optional.empty());
      assertThatThrownBy(stream::open)
          .isInstanceOfSatisfying(
              StreamErrorException.class,
              error -> assertThat(error.condition()).isEqualTo("host-unknown"));
      assertThat(server.log.streams)
          .containsExactly("host-unknown: SNI names another domain than the stream");
    }
  }

  @Test
  @Spec(doc = "RFC 6120", section = "4.9.3.6", rule = "a domain that is not served is refused")
  void refusesStreamToDomainThatIsNotServed() throws Exception {
    try (RunningServer server = start()) {
      AccountJid stranger = new AccountJid("nina", new Domain("nowhere.example"));
      Way way = way(stranger.domain(), false);
      assertThatThrownBy(
              () -> server.stream(way, stranger, Bytes.utf8("x").sha256(), Optional.empty()))
          .isInstanceOfSatisfying(
              StreamErrorException.class,
              error -> assertThat(error.condition()).isEqualTo("host-unknown"));
    }
  }

  @Test
  void aClientThatAsksForAnUnknownDomainIsNotFooled() throws Exception {
    try (RunningServer server = start()) {
      AccountJid stranger = new AccountJid("nina", new Domain("nowhere.example"));
      Bytes pin = ServerTrust.pinOf(certificate("chat"));
      assertThatThrownBy(
              () -> server.stream(way(stranger.domain(), true), stranger, pin, Optional.empty()))
          .isInstanceOf(ServerNotTrustedException.class);
    }
  }

  @Test
  @Spec(doc = "XEP-0178", rule = "a certificate signs in to the domain that issued it")
  void deviceOfOneDomainCannotSignInToTheOther() throws Exception {
    try (RunningServer server = start()) {
      server.enrol(server.invite(NINA_OTHER), "other");
      LoginUri uri = server.invite(NINA_CHAT);
      Bytes pin = uri.pin().orElseThrow();
      DeviceKey key = DeviceKey.make();
      ClientStream enrolling = server.stream(way(CHAT, true), NINA_CHAT, pin, Optional.empty());
      Element signed = HandMade.enrol(enrolling, enrolling.open(), uri, key);
      enrolling.close();
      Optional<TlsIdentity> identity = Optional.of(HandMade.identity(key, signed));
      assertThat(
              HandMade.signIn(server.stream(way(CHAT, true), NINA_CHAT, pin, identity), NINA_CHAT)
                  .bare())
          .isEqualTo(NINA_CHAT.jid());

      Bytes otherPin = server.invite(NINA_OTHER).pin().orElseThrow();
      for (AccountJid asked : List.of(NINA_OTHER, NINA_CHAT)) {
        int before = server.log.refusals.size();
        ClientStream stream = server.stream(way(OTHER, true), NINA_OTHER, otherPin, identity);
        assertThat(HandMade.external(stream, asked)).isInstanceOf(SaslOutcome.Failed.class);
        assertThat(server.log.refusals).hasSize(before + 1);
      }
      assertThat(server.log.refusals).doesNotContain(FailureReason.UNKNOWN_MECHANISM);
    }
  }

  @Test
  void codeOfOneDomainIsNoneOfTheOther() throws Exception {
    try (RunningServer server = start()) {
      LoginUri here = server.invite(NINA_CHAT);
      LoginUri there = server.invite(NINA_OTHER);
      ClientStream stream =
          server.stream(way(OTHER, true), NINA_OTHER, there.pin().orElseThrow(), Optional.empty());
      LoginUri mixed =
          new LoginUri(NINA_OTHER, here.token(), there.resource(), there.pin(), there.server());
      assertThat(
              stream.authenticate(
                  stream.open(), HandMade.code(stream, mixed), List.of(HandMade.wish("csr"))))
          .isInstanceOf(SaslOutcome.Failed.class);
    }
  }

  @Test
  void authoritiesOfTwoDomainsAreTwo() throws Exception {
    try (RunningServer server = start()) {
      server.enrol(server.invite(NINA_CHAT), "chat");
      server.enrol(server.invite(NINA_OTHER), "other");
      assertThat(server.home("chat").certificates().get(1).getPublicKey())
          .isNotEqualTo(server.home("other").certificates().get(1).getPublicKey());
    }
  }

  @ParameterizedTest
  @EnumSource(TlsProvider.class)
  void showsTheNewCertificateWhenTheFilesChange(TlsProvider provider) throws Exception {
    try (RunningServer server = start(provider.name())) {
      X509Certificate old = certificate("chat");
      assertThat(shown(server, way(CHAT, true), NINA_CHAT, ServerTrust.pinOf(old)))
          .isEqualTo(Bytes.of(old.getEncoded()));

      make("next");
      replace("next");
      X509Certificate next = certificate("next");
      assertThat(awaitShown(server, next)).isTrue();
      assertThat(server.invite(NINA_CHAT).pin()).contains(ServerTrust.pinOf(next));

      // What cannot be used leaves the old one in place.
      Files.writeString(folder.resolve("chat.crt"), "no certificate");
      for (int look = 0; look < 5; look++) {
        assertThat(shown(server, way(CHAT, true), NINA_CHAT, ServerTrust.pinOf(next)))
            .isEqualTo(Bytes.of(next.getEncoded()));
      }

      make("last");
      replace("last");
      assertThat(awaitShown(server, certificate("last"))).isTrue();
    }
  }

  /// Knocks until that certificate is shown, or long enough.
  private boolean awaitShown(RunningServer server, X509Certificate expected) throws Exception {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (System.nanoTime() < end) {
      try {
        return shown(server, way(CHAT, true), NINA_CHAT, ServerTrust.pinOf(expected))
            .equals(Bytes.of(expected.getEncoded()));
      } catch (ServerNotTrustedException stillTheOldOne) {
        // Once more.
      }
    }
    return false;
  }

  private static Way way(Domain serverName, boolean direct) {
    return new Way(TlsProvider.best(), "TLSv1.3", direct, serverName);
  }

  private static Bytes shown(RunningServer server, Way way, AccountJid account, Bytes pin)
      throws Exception {
    try (ClientStream stream = server.stream(way, account, pin, Optional.empty())) {
      return stream.tls().peerChain().getFirst();
    }
  }

  private RunningServer start() throws Exception {
    return start("AUTO");
  }

  private RunningServer start(String provider) throws Exception {
    make("chat");
    return RunningServer.in(
        folder,
        seams -> seams.withRound(Duration.ofMillis(50)),
        _ -> configured(provider.toLowerCase(java.util.Locale.ROOT)));
  }

  private Configuration configured(String provider) {
    try {
      Path file =
          Files.writeString(
              folder.resolve("latchkey.toml"),
              """
              data = "data"
              run-dir = "run"
              listen = "127.0.0.1:0"
              listen-tls = "127.0.0.1:0"
              tls-provider = "%s"
              [[domain]]
              name = "chat.example"
              tls-cert = "chat.crt"
              tls-key = "chat.key"
              [[domain]]
              name = "other.example"
              """
                  .formatted(provider));
      return Configuration.read(Optional.of(file), Configuration.Overrides.NONE);
    } catch (IOException full) {
      throw new UncheckedIOException(full);
    }
  }

  private void make(String name) throws Exception {
    Program.run(
        folder,
        List.of(
            Tools.program("openssl", "openssl").toString(),
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-subj",
            "/CN=chat.example",
            "-addext",
            "subjectAltName=DNS:chat.example",
            "-days",
            "30",
            "-keyout",
            name + ".key",
            "-out",
            name + ".crt"));
  }

  /// As certbot does it: key and chain, one after the other.
  private void replace(String name) throws IOException {
    for (String suffix : List.of(".key", ".crt")) {
      Path copy = Files.copy(folder.resolve(name + suffix), folder.resolve("copy"));
      Files.setPosixFilePermissions(
          copy, Files.getPosixFilePermissions(folder.resolve(name + suffix)));
      Files.move(copy, folder.resolve("chat" + suffix), StandardCopyOption.ATOMIC_MOVE);
    }
  }

  private X509Certificate certificate(String name) throws Exception {
    return (X509Certificate)
        CertificateFactory.getInstance("X.509")
            .generateCertificate(
                new ByteArrayInputStream(Files.readAllBytes(folder.resolve(name + ".crt"))));
  }
}
