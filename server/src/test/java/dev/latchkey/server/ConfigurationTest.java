// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.chat.history.Room;
import dev.latchkey.credential.Domain;
import dev.latchkey.devices.TheftResponse;
import dev.latchkey.devices.TokenPolicy;
import dev.latchkey.sasl.MechanismName;
import dev.latchkey.server.Configuration.Overrides;
import dev.latchkey.server.Configuration.ServedDomain;
import dev.latchkey.server.Configuration.TlsFiles;
import dev.latchkey.server.Configuration.TlsProviderChoice;
import dev.latchkey.testkit.Spec;
import dev.latchkey.xmpp.session.ManagementPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigurationTest {
  private static final Path EXAMPLE =
      Path.of("..", "examples", "latchkey.toml").toAbsolutePath().normalize();

  @TempDir Path folder;

  @Test
  void exampleSpellsEveryDefault() throws IOException {
    Path empty = Files.writeString(folder.resolve("latchkey.toml"), "");
    Configuration written = Configuration.read(Optional.of(EXAMPLE), Overrides.NONE);
    Configuration defaults = Configuration.read(Optional.of(empty), Overrides.NONE);
    assertThat(written.data()).isEqualTo(EXAMPLE.resolveSibling("latchkey-data"));
    assertThat(defaults.data()).isEqualTo(folder.resolve("latchkey-data"));
    assertThat(written)
        .usingRecursiveComparison()
        .ignoringFields("data", "runDir")
        .isEqualTo(defaults);
  }

  @Test
  void exampleNamesEveryKey() throws IOException {
    String text = Files.readString(EXAMPLE);
    ConfigurationReader reader = new ConfigurationReader(Optional.of(EXAMPLE), Overrides.NONE);
    reader.read();
    assertThat(reader.knownKeys()).hasSizeGreaterThan(25);
    for (String path : reader.knownKeys()) {
      String key = path.substring(path.lastIndexOf('.') + 1);
      assertThat(text.lines())
          .as(path)
          .anyMatch(line -> line.matches("(# )?(" + key + " = .*|\\[+([a-z]+\\.)?" + key + "]+)"));
    }
  }

  @Test
  void readsWhomToWriteToAndHowLongMessagesAreKept(@TempDir Path folder) throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("latchkey.toml"),
            """
            [[domain]]
            name = "chat.example"
            [domain.contact]
            abuse = ["mailto:abuse@chat.example"]
            [chat]
            archive = "forever"
            offline-messages = 7
            offline-size = "20MiB"
            archive-size = "2GiB"
            """);
    Configuration configuration = Configuration.read(Optional.of(file), Overrides.NONE);
    assertThat(configuration.domains().getFirst().contacts())
        .isEqualTo(Map.of("abuse", List.of("mailto:abuse@chat.example")));
    assertThat(configuration.chat())
        .isEqualTo(new Configuration.Chat(Optional.empty(), new Room(7, 20L << 20, 2L << 30)));
  }

  @Test
  void readsWhatIsAllowedOfTokensAndKeys(@TempDir Path folder) throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("latchkey.toml"),
            """
            theft = "suspend"
            [fast]
            life = "7d"
            renewal = "12h"
            none = false
            end-point = true
            [client-key]
            life = "30d"
            [x-token]
            enabled = true
            life = "14d"
            """);
    Configuration configuration = Configuration.read(Optional.of(file), Overrides.NONE);
    assertThat(configuration.tokens())
        .isEqualTo(
            new Configuration.Tokens(
                new TokenPolicy(Duration.ofDays(7), Duration.ofHours(12), false, true),
                Duration.ofDays(30),
                true,
                Duration.ofDays(14),
                TheftResponse.SUSPEND));
  }

  @Test
  void refusesRulesForTokensThatAreNone(@TempDir Path folder) throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("latchkey.toml"),
            """
            theft = "ignore"
            [fast]
            life = "9m"
            renewal = "20d"
            none = "no"
            end-point = 1
            [client-key]
            life = "0s"
            [x-token]
            enabled = "yes"
            life = "forever"
            """);
    assertThatThrownBy(() -> Configuration.read(Optional.of(file), Overrides.NONE))
        .isInstanceOfSatisfying(
            ConfigurationException.class,
            refused -> {
              assertThat(refused.problems()).hasSize(8);
              for (String key :
                  List.of(
                      ":1 theft: \"ignore\" is not allowed: give \"event\", \"suspend\" or"
                          + " \"revoke\"",
                      ":3 fast.life:",
                      ":4 fast.renewal:",
                      ":5 fast.none:",
                      ":6 fast.end-point:",
                      ":8 client-key.life:",
                      ":10 x-token.enabled:",
                      ":11 x-token.life:")) {
                assertThat(refused.problems()).anyMatch(problem -> problem.contains(key));
              }
            });
  }

  @Test
  void renewsTokensWithinHalfTheirLife(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("latchkey.toml"), "[fast]\nlife = \"2h\"\n");
    assertThat(Configuration.read(Optional.of(file), Overrides.NONE).tokens().fast().renewal())
        .isEqualTo(Duration.ofHours(1));
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 41",
      rule = "superseded tokens are remembered until their date, so there must not be many")
  void renewsTokensNoMoreOftenThanCanBeRemembered(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("latchkey.toml"), "[fast]\nlife = \"42d\"\n");
    assertThat(Configuration.read(Optional.of(file), Overrides.NONE).tokens().fast().renewal())
        .isEqualTo(Duration.ofDays(2));
    Files.writeString(file, "[fast]\nlife = \"42d\"\nrenewal = \"47h\"\n");
    assertThatThrownBy(() -> Configuration.read(Optional.of(file), Overrides.NONE))
        .hasMessageContaining("give a time from 2d to 21d");
  }

  @Test
  void refusesContactsAndTimesThatAreNone(@TempDir Path folder) throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("latchkey.toml"),
            """
            [[domain]]
            name = "chat.example"
            [domain.contact]
            abuse = ["somebody"]
            boss = ["mailto:boss@chat.example"]
            [chat]
            archive = "never"
            offline-messages = 0
            offline-size = "15MiB"
            archive-size = "2000GiB"
            """);
    assertThatThrownBy(() -> Configuration.read(Optional.of(file), Overrides.NONE))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("domain.contact.abuse")
        .hasMessageContaining("domain.contact.boss")
        .hasMessageContaining("chat.archive")
        .hasMessageContaining("chat.offline-messages")
        .hasMessageContaining("chat.offline-size")
        .hasMessageContaining("chat.archive-size");
  }

  @Test
  void readsHowLongSessionsWaitForTheirClients(@TempDir Path folder) throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("latchkey.toml"),
            """
            [[domain]]
            name = "chat.example"
            [stream-management]
            max = "5m"
            unacknowledged-stanzas = 50
            unacknowledged-size = "64KiB"
            sessions-per-device = 2
            sessions = 1000
            memory = "64MiB"
            """);
    assertThat(Configuration.read(Optional.of(file), Overrides.NONE).streamManagement())
        .isEqualTo(new ManagementPolicy(Duration.ofMinutes(5), 50, 65_536, 2, 1_000, 64L << 20));
    assertThat(Configuration.read(Optional.empty(), Overrides.NONE).streamManagement())
        .isEqualTo(ManagementPolicy.DEFAULT);
  }

  @Test
  void refusesSessionsThatWaitWithoutBound(@TempDir Path folder) throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("latchkey.toml"),
            """
            [[domain]]
            name = "chat.example"
            [stream-management]
            max = "1s"
            unacknowledged-stanzas = 0
            unacknowledged-size = "1GiB"
            sessions-per-device = 0
            sessions = -1
            """);
    assertThatThrownBy(() -> Configuration.read(Optional.of(file), Overrides.NONE))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("stream-management.max")
        .hasMessageContaining("stream-management.unacknowledged-stanzas")
        .hasMessageContaining("stream-management.unacknowledged-size")
        .hasMessageContaining("stream-management.sessions-per-device")
        .hasMessageContaining("stream-management.sessions:");
  }

  @Test
  void everyKeyHasADefaultWithoutAnyFile() {
    Configuration configuration = Configuration.read(Optional.empty(), Overrides.NONE);
    assertThat(configuration.data()).isEqualTo(Path.of("latchkey-data").toAbsolutePath());
    assertThat(configuration.adminSocket())
        .isEqualTo(Path.of("latchkey-data/run/admin.sock").toAbsolutePath());
    assertThat(configuration.listen()).contains(new ListenAddress("127.0.0.1", 5222));
    assertThat(configuration.listenTls()).contains(new ListenAddress("127.0.0.1", 5223));
    assertThat(configuration.domains().getFirst().name()).isEqualTo(new Domain("localhost"));
    assertThat(configuration.limits().beforeSignIn().elementBytes()).isEqualTo(16_384);
    assertThat(configuration.oneTime().inviteTtl()).isEqualTo(Duration.ofDays(7));
  }

  @Test
  void readsEveryKey() throws IOException {
    Configuration read =
        read(
            """
            data = "d"
            run-dir = "/run/latchkey"
            listen = "[::1]:15222"
            listen-tls = "off"
            tls-provider = "jsse"
            [[domain]]
            name = "Chat.Example"
            mechanisms = ["SCRAM-SHA-256", "EXTERNAL"]
            [[domain]]
            name = "b.example"
            [one-time]
            enabled = false
            invite-ttl = "2d"
            issue-ttl = "90s"
            max-ttl = "3d"
            [signing]
            enabled = false
            validity = "12h"
            max-devices = 3
            require-channel-binding = true
            [limits]
            element-before-sign-in = "10000"
            element = "1MiB"
            connections-per-address = 7
            unauthenticated-streams = 8
            time-to-authenticate = "5s"
            failed-attempts = 2
            """);
    assertThat(read.data()).isEqualTo(folder.resolve("d"));
    assertThat(read.runDir()).isEqualTo(Path.of("/run/latchkey"));
    assertThat(read.listen()).contains(new ListenAddress("::1", 15222));
    assertThat(read.listenTls()).isEmpty();
    assertThat(read.tlsProvider()).isEqualTo(TlsProviderChoice.JSSE);
    assertThat(read.domains())
        .extracting(ServedDomain::name)
        .containsExactly(new Domain("chat.example"), new Domain("b.example"));
    assertThat(read.domains().getFirst().mechanisms())
        .containsExactly(new MechanismName("SCRAM-SHA-256"), new MechanismName("EXTERNAL"));
    assertThat(read.oneTime())
        .isEqualTo(
            new Configuration.OneTime(
                false, Duration.ofDays(2), Duration.ofSeconds(90), Duration.ofDays(3)));
    assertThat(read.signing())
        .isEqualTo(new Configuration.Signing(false, Duration.ofHours(12), 3, true));
    assertThat(read.limits().beforeSignIn().elementBytes()).isEqualTo(10_000);
    assertThat(read.limits().session().elementBytes()).isEqualTo(1 << 20);
    assertThat(read.limits().connectionsPerAddress()).isEqualTo(7);
    assertThat(read.limits().unauthenticatedStreams()).isEqualTo(8);
    assertThat(read.limits().timeToAuthenticate()).isEqualTo(Duration.ofSeconds(5));
    assertThat(read.limits().failedAttempts()).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource({
    "lisen = \"off\", 1 lisen, listen",
    "liste-tls = \"off\", 1 liste-tls, listen-tls",
    "[limit], 1 limit, limits",
    "'[limits]\nelements = \"1MiB\"', 2 limits.elements, limits.element",
    "'[[domain]]\nname = \"a\"\ntls_cert = \"x\"', 3 domain.tls_cert, domain.tls-cert",
    "'[one-time]\nttl = \"1d\"', 2 one-time.ttl, one-time.max-ttl",
  })
  void unknownKeyNamesTheNearest(String text, String where, String nearest) {
    assertThatThrownBy(() -> read(text))
        .isInstanceOf(ConfigurationException.class)
        .hasMessage(
            "%s:%s: there is no such key; the nearest is \"%s\".",
            folder.resolve("latchkey.toml"), where, nearest);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "data = 1",
        "data = \"\"",
        "listen = \"localhost\"",
        "listen = \"localhost:70000\"",
        "listen = \"::1:5222\"",
        "listen = 5222",
        "tls-provider = \"openssl\"",
        "domain = \"a\"",
        "domain = [\"a\"]",
        "[[domain]]\nname = \"a b\"",
        "[[domain]]\nmechanisms = [\"EXTERNAL\"]",
        "[[domain]]\nname = \"a\"\nmechanisms = []",
        "[[domain]]\nname = \"a\"\nmechanisms = [\"PLAIN\"]",
        "[[domain]]\nname = \"a\"\nmechanisms = [\"EXTERNAL\", \"EXTERNAL\"]",
        "[[domain]]\nname = \"a\"\n[[domain]]\nname = \"A\"",
        "[[domain]]\nname = \"a\"\ntls-cert = \"x\"",
        "[[domain]]\nname = \"a\"\ntls-cert = \"/none\"\ntls-key = \"/none\"",
        "[one-time]\nenabled = \"yes\"",
        "[one-time]\ninvite-ttl = \"31d\"",
        "[one-time]\ninvite-ttl = \"7 days\"",
        "[one-time]\nmax-ttl = \"0s\"",
        "[signing]\nvalidity = \"1s\"",
        "[signing]\nmax-devices = 0",
        "[limits]\nelement = \"1GiB\"",
        "[limits]\nelement-before-sign-in = \"9999\"",
        "[limits]\nfailed-attempts = 1.5",
        "limits = 5",
        "no toml at all",
      })
  void refusesWhatIsNotAllowedAndSaysWhere(String text) {
    assertThatThrownBy(() -> read(text))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageStartingWith(folder.resolve("latchkey.toml").toString())
        .message()
        .matches("(?s).*toml(:\\d+)? .*");
  }

  @Test
  void namesAllProblemsAtOnce() {
    assertThatThrownBy(() -> read("listen = 1\nlisten-tls = 2\nfoo = 3"))
        .isInstanceOfSatisfying(
            ConfigurationException.class, problem -> assertThat(problem.problems()).hasSize(3));
  }

  @Test
  void refusesAFileThatIsNotThere() {
    assertThatThrownBy(
            () -> Configuration.read(Optional.of(folder.resolve("none.toml")), Overrides.NONE))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("none.toml: there is no such file");
  }

  @Test
  void refusesAFolder() {
    assertThatThrownBy(() -> Configuration.read(Optional.of(folder), Overrides.NONE))
        .isInstanceOf(ConfigurationException.class)
        .hasMessage("%s: this is a folder: name the configuration file with --config.", folder);
  }

  @ParameterizedTest
  @CsvSource({
    "chat, archive-size, 16MiB to 1024GiB, 1GiB",
    "limits, element, 10000 to 16MiB, 256KiB",
  })
  void namesASizeThatIsAllowed(String table, String key, String range, String allowed) {
    assertThatThrownBy(() -> read("[%s]\n%s = \"1\"".formatted(table, key)))
        .hasMessageContaining("\"1\" is not allowed: give a size in octets from " + range)
        .hasMessageEndingWith("such as \"%s\".".formatted(allowed));
    assertThatCode(() -> read("[%s]\n%s = \"%s\"".formatted(table, key, allowed)))
        .doesNotThrowAnyException();
  }

  @Test
  void namesATimeThatIsAllowed() {
    assertThatThrownBy(() -> read("[limits]\ntime-to-authenticate = \"12h\""))
        .hasMessageEndingWith(
            "\"12h\" is not allowed: give a time from 1s to 10m, such as \"1m\".");
  }

  @Test
  void saysWhichPortsThereAre() {
    assertThatThrownBy(() -> read("listen = \"127.0.0.1:70000\"")).hasMessageContaining("65535");
  }

  @Test
  void commandLineWins() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("latchkey.toml"),
            """
            listen = "127.0.0.1:1"
            [[domain]]
            name = "a.example"
            mechanisms = ["EXTERNAL"]
            [[domain]]
            name = "b.example"
            """);
    Configuration read =
        Configuration.read(
            Optional.of(file),
            new Overrides(
                Optional.of(folder.resolve("x")),
                Optional.empty(),
                List.of("a.example", "c.example"),
                Optional.of("127.0.0.1:0"),
                Optional.of("off")));
    assertThat(read.data()).isEqualTo(folder.resolve("x"));
    assertThat(read.runDir()).isEqualTo(folder.resolve("x/run"));
    assertThat(read.listen()).contains(new ListenAddress("127.0.0.1", 0));
    assertThat(read.listenTls()).isEmpty();
    assertThat(read.domains())
        .extracting(ServedDomain::name)
        .containsExactly(new Domain("a.example"), new Domain("c.example"));
    assertThat(read.domains().getFirst().mechanisms())
        .containsExactly(new MechanismName("EXTERNAL"));
  }

  @Test
  void refusesCommandLineThatNamesNoAddressOrNoDomain() {
    Overrides wrong =
        new Overrides(
            Optional.empty(),
            Optional.empty(),
            List.of("a b"),
            Optional.of("nowhere"),
            Optional.empty());
    assertThatThrownBy(() -> Configuration.read(Optional.empty(), wrong))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("--listen: \"nowhere\"")
        .hasMessageContaining("--domain: \"a b\"");
  }

  @Test
  void keepsTlsFilesThatBelongTogether() throws Exception {
    OpenSsl.selfSigned(folder, "own", "ec", "-pkeyopt", "ec_paramgen_curve:P-256");
    Configuration read =
        read("[[domain]]\nname = \"a\"\ntls-cert = \"own.crt\"\ntls-key = \"own.key\"");
    assertThat(read.domains().getFirst().tls())
        .contains(new TlsFiles(folder.resolve("own.crt"), folder.resolve("own.key")));
  }

  private Configuration read(String text) throws IOException {
    return Configuration.read(
        Optional.of(Files.writeString(folder.resolve("latchkey.toml"), text)), Overrides.NONE);
  }
}
