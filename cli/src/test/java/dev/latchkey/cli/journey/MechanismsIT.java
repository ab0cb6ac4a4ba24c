// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.journey;

import static dev.latchkey.cli.journey.RunningServer.NINA;
import static dev.latchkey.cli.journey.TokenPeer.condition;
import static dev.latchkey.cli.journey.TokenPeer.success;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.cli.journey.RunningServer.Way;
import dev.latchkey.client.ClientException;
import dev.latchkey.client.ClientStream;
import dev.latchkey.client.Enrolment;
import dev.latchkey.client.LatchkeyClient;
import dev.latchkey.client.LoginUri;
import dev.latchkey.client.StreamFeatures;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.CredentialKind;
import dev.latchkey.credential.Domain;
import dev.latchkey.credential.Secret;
import dev.latchkey.sasl.scram.ScramVariant;
import dev.latchkey.server.Configuration;
import dev.latchkey.server.admin.AdminException;
import dev.latchkey.server.admin.JsonLine;
import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import dev.latchkey.wire.tls.TlsProvider;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A domain whose operator lists only some mechanisms gives nobody what would not let him in.
class MechanismsIT {
  private static final Domain OTHER = new Domain("other.example");

  @TempDir Path folder;

  private RunningServer start(UnaryOperator<Configuration> configured) throws Exception {
    return RunningServer.in(folder, seams -> seams, configured);
  }

  private static Configuration.ServedDomain only(
      Configuration.ServedDomain domain, Predicate<String> listed) {
    return new Configuration.ServedDomain(
        domain.name(),
        domain.tls(),
        domain.mechanisms().stream().filter(name -> listed.test(name.text())).toList(),
        domain.contacts());
  }

  private static UnaryOperator<Configuration> listing(Predicate<String> listed) {
    return whole ->
        whole.withDomains(whole.domains().stream().map(domain -> only(domain, listed)).toList());
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 11", rule = "nothing is signed that nobody could show")
  void whereNobodyEntersByCertificateNoneIsSigned() throws Exception {
    try (RunningServer server = start(listing(name -> !name.equals("EXTERNAL")))) {
      LoginUri uri = server.invite(NINA);
      try (ClientStream stream = server.stream(uri, Optional.empty())) {
        StreamFeatures features = stream.open();
        assertThat(features.element().toXml())
            .doesNotContain("<by>csr</by>")
            .doesNotContain("<by>certificate</by>")
            .contains("<by>client-key</by>");
        assertThat(
                condition(
                    stream.authenticate(
                        features,
                        Peer.scram(
                            stream, ScramVariant.SCRAM_SHA_256_PLUS, NINA, uri.token().canonical()),
                        List.of(Peer.enrol("csr")))))
            .isEqualTo("not-authorized");
      }
      assertThatThrownBy(() -> server.enrol(uri, "phone")).isInstanceOf(ClientException.class);

      // Neither has cost the code anything.
      new Enrolment(uri, server.home("tablet"))
          .name("tablet")
          .credential(CredentialKind.CLIENT_KEY)
          .in(server.environment())
          .run();
      try (LatchkeyClient tablet = server.connect("tablet")) {
        tablet.ping();
      }
    }
  }

  @Test
  void whereOnlyClientKeysLetInNobodyIsGivenASecret() throws Exception {
    try (RunningServer server = start(listing(name -> name.startsWith("CLIENT-KEY")))) {
      assertThatThrownBy(() -> server.invite(NINA))
          .isInstanceOf(AdminException.class)
          .hasMessageContaining("SCRAM");
      assertThatThrownBy(() -> server.password(NINA))
          .isInstanceOf(AdminException.class)
          .hasMessageContaining("SCRAM");
      assertThat(
              server
                  .admin(
                      new JsonLine().with("command", "provision").with("account", NINA.toString()))
                  .getFirst()
                  .path("created")
                  .asBoolean())
          .as("a refused invitation has made no account")
          .isTrue();
    }
  }

  @Test
  @Spec(
      doc = "XEP-0399",
      section = "3",
      rule = "where nobody enters by a client key none is registered")
  void whatAnotherDomainTakesIsNotGivenHere() throws Exception {
    UnaryOperator<Configuration> two =
        whole -> {
          Configuration.ServedDomain here = whole.domains().getFirst();
          return AuthTokenSource.configured(
              whole.withDomains(
                  List.of(
                      only(here, name -> !name.startsWith("CLIENT-KEY") && !name.equals("X-TOKEN")),
                      new Configuration.ServedDomain(
                          OTHER, Optional.empty(), here.mechanisms(), here.contacts()))),
              true,
              whole.tokens().theft());
        };
    try (RunningServer server = start(two)) {
      isServed(server, NINA, false);
      isServed(server, new AccountJid("nina", OTHER), true);
    }
  }

  private static void isServed(RunningServer server, AccountJid account, boolean served)
      throws Exception {
    Bytes pin = server.invite(account).pin().orElseThrow();
    Way way = new Way(TlsProvider.best(), "TLSv1.3", true, account.domain());
    Secret password = Secret.ofText(server.password(account));
    try (ClientStream stream = server.stream(way, account, pin, Optional.empty())) {
      success(
          stream.authenticate(
              stream.open(),
              Peer.scram(stream, ScramVariant.SCRAM_SHA_256_PLUS, account, password),
              List.of(Peer.bind2())));
      var _ = stream.features();
      String features =
          Peer.ask(
                  stream,
                  Peer.iq("get", "d", Element.empty("query", Namespaces.DISCO_INFO))
                      .with("to", account.domain().name()))
              .toXml();
      for (String feature : List.of(Namespaces.CLIENT_KEY, Namespaces.AUTH_TOKENS)) {
        assertThat(features.contains("'" + feature + "'")).as(feature).isEqualTo(served);
      }
      for (Element request :
          List.of(
              TokenPeer.NewKey.draw().register(), Element.empty("issue", Namespaces.AUTH_TOKENS))) {
        assertThat(Peer.ask(stream, Peer.iq("set", "r", request)).attribute("type"))
            .as(request.name())
            .contains(served ? "result" : "error");
      }
    }
  }
}
