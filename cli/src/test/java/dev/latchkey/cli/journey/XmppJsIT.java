// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.journey;

import static dev.latchkey.cli.journey.RunningServer.NINA;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.latchkey.cli.journey.TokenPeer.Held;
import dev.latchkey.client.ClientStream;
import dev.latchkey.client.LoginUri;
import dev.latchkey.credential.Secret;
import dev.latchkey.sasl.ht.HtVariant;
import dev.latchkey.testkit.ManualClock;
import dev.latchkey.testkit.Spec;
import dev.latchkey.testkit.Tools;
import dev.latchkey.wire.element.Namespaces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// xmpp.js, as npm has it: a stock client that knows SASL2, Bind 2 and FAST.
class XmppJsIT {
  private static final Path SOURCE = Path.of("src", "test", "node");
  private static final Path INSTALLED = Path.of("target", "node").toAbsolutePath();
  private static final Duration INSTALLATION = Duration.ofMinutes(3);

  /// What npm calls a registry that it does not reach.
  private static final Pattern NO_NETWORK =
      Pattern.compile("ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH");

  @TempDir Path folder;

  private final ManualClock clock = new ManualClock(InstantSource.system().instant());
  private RunningServer server;
  private LoginUri pinned;
  private String password;

  /// Has the very versions installed that are written down, from whichever registry npm is
  /// configured with.
  @BeforeAll
  static void install() throws Exception {
    Tools.program("node", "nodejs");
    Path npm = Tools.program("npm", "npm");
    Files.createDirectories(INSTALLED);
    for (String file : List.of("package.json", "package-lock.json", ".npmrc", "client.mjs")) {
      Files.copy(
          SOURCE.resolve(file), INSTALLED.resolve(file), StandardCopyOption.REPLACE_EXISTING);
    }
    try (Program installing =
        Program.start(INSTALLED, List.of(npm.toString(), "ci", "--fetch-retries=1"))) {
      if (installing.awaitEnd(INSTALLATION) != 0) {
        String said = installing.said();
        if (NO_NETWORK.matcher(said).find()) {
          throw Tools.without("npm does not reach its registry, so there is no xmpp.js");
        }
        throw new AssertionError(said);
      }
    }
  }

  @BeforeEach
  void start() throws Exception {
    server = RunningServer.in(folder, seams -> seams.with(clock), whole -> whole);
    pinned = server.invite(NINA);
    server.enrol(pinned, "kit"); // its home has the certificate to trust
    password = server.password(NINA);
    server.log.forget();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  /// Starts it anew, has it sign in, and lets it go.
  ///
  /// @return what it said
  private String session() throws Exception {
    try (Program client =
        Program.start(
            folder,
            List.of(
                Tools.program("env", "coreutils").toString(),
                "NODE_EXTRA_CA_CERTS=" + server.home("kit").folder().resolve("server-ca.crt"),
                Tools.program("node", "nodejs").toString(),
                INSTALLED.resolve("client.mjs").toString(),
                "xmpps://localhost:" + server.server().directTls().orElseThrow().getPort(),
                NINA.localpart(),
                TokenPeer.AGENT,
                file().toString()))) {
      client.type(password);
      client.await("ping result");
      client.type("leave");
      assertThat(client.awaitEnd()).isZero();
      assertThat(client.said()).contains("online nina@localhost/").doesNotContain("error");
      return client.said();
    }
  }

  private Path file() {
    return folder.resolve("token.json");
  }

  private Held kept() throws IOException {
    return new Held(
        HtVariant.HT_SHA_256_NONE,
        Secret.ofText(new ObjectMapper().readTree(file().toFile()).path("token").asText()),
        TokenPeer.AGENT);
  }

  private List<String> mechanisms() {
    return server.recording.byClients().stream()
        .filter(element -> element.is("authenticate", Namespaces.SASL2))
        .flatMap(element -> element.attribute("mechanism").stream())
        .filter(mechanism -> !mechanism.endsWith("-PLUS")) // the kit's
        .toList();
  }

  @Test
  @Spec(
      doc = "XEP-0484",
      rule = "a stock client gives up its password for tokens, and rotates them")
  void signsInByPasswordOnceAndByTokensFromThenOn() throws Exception {
    assertThat(session()).contains("token HT-SHA-256-NONE");
    Held first = kept();

    assertThat(session()).doesNotContain("token");
    clock.advance(Duration.ofDays(1));
    assertThat(session()).contains("token HT-SHA-256-NONE"); // rotated
    assertThat(session()).doesNotContain("token");

    assertThat(mechanisms())
        .containsExactly("SCRAM-SHA-1", "HT-SHA-256-NONE", "HT-SHA-256-NONE", "HT-SHA-256-NONE");
    assertThat(server.log.signIns).hasSize(4).containsOnly(server.log.signIns.getFirst());
    assertThat(server.log.refusals).isEmpty();
    assertThat(kept().token().reveal()).isNotEqualTo(first.token().reveal());
    try (ClientStream stream = server.stream(pinned, Optional.empty())) {
      assertThat(TokenPeer.condition(TokenPeer.byToken(stream, first)))
          .isEqualTo("credentials-expired");
    }
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "30.C",
      rule = "a code in the password field makes a device (iii)")
  void isEnrolledByAOneTimeCodeInItsPasswordField() throws Exception {
    password = server.invite(NINA).token().canonical().revealText();

    assertThat(session()).contains("token HT-SHA-256-NONE");
    password = "forgotten";
    session();

    assertThat(mechanisms()).containsExactly("SCRAM-SHA-1", "HT-SHA-256-NONE");
    assertThat(server.log.signIns).hasSize(2).containsOnly(server.log.signIns.getFirst());
  }

  @Test
  @Spec(
      doc = "XEP-0484",
      section = "3.4",
      rule = "who hears that its token is dead asks for another")
  void fallsBackOnItsPasswordWhereItsTokenIsDead() throws Exception {
    assertThat(session()).contains("token HT-SHA-256-NONE");
    clock.advance(Duration.ofDays(22));

    assertThat(session()).contains("token HT-SHA-256-NONE");
    session();

    assertThat(mechanisms())
        .containsExactly("SCRAM-SHA-1", "HT-SHA-256-NONE", "SCRAM-SHA-1", "HT-SHA-256-NONE");
  }
}
