// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.journey;

import static dev.latchkey.cli.journey.RunningServer.DOMAIN;
import static dev.latchkey.cli.journey.RunningServer.NINA;
import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.credential.AccountJid;
import dev.latchkey.server.Configuration;
import dev.latchkey.server.Configuration.Overrides;
import dev.latchkey.testkit.Spec;
import dev.latchkey.testkit.Tools;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Smack's own integration tests, as they are on Maven Central, against the whole server. They run
/// in a process of their own: they are of another version of Smack than ours.
class SmackIntegrationIT {
  /// Written by Maven, see `smack-tests/pom.xml`.
  private static final Path CLASS_PATH = Path.of("../smack-tests/target/class-path");

  private static final String FRAMEWORK =
      "org.igniterealtime.smack.inttest.SmackIntegrationTestFramework";

  /// The tests can be told a host, but no port.
  private static final int PORT = 5222;

  /// Of a run, which takes 20 seconds on two cores.
  private static final Duration BOUND = Duration.ofSeconds(110);

  /// Of each wait in it.
  private static final Duration REPLY = Duration.ofSeconds(10);

  private static final String STORE_PASSWORD = "changeit";
  private static final Pattern PASSED =
      Pattern.compile("(?m)^(\\w+)\\.(\\w+) \\(Normal\\) \u2714$");
  private static final Pattern FAILED = Pattern.compile("(?m)^\\w+\\.\\w+ \\(\\w+\\) failed: .*$");
  private static final Pattern IMPOSSIBLE = Pattern.compile("(?m)^Could not run .*$");

  @TempDir Path folder;

  @Test
  @Spec(doc = "smack-integration-test", rule = "roster and subscriptions as Smack tests them")
  void passesSmacksTestsOfRosters() throws Exception {
    passes(listed('+').stream().filter(SmackIntegrationIT::leavesSubscriptions).toList());
  }

  @Test
  @Spec(
      doc = "smack-integration-test",
      rule = "presence, chat, archive, personal eventing, capabilities as Smack tests them")
  void passesSmacksOtherTests() throws Exception {
    passes(listed('+').stream().filter(name -> !leavesSubscriptions(name)).toList());
  }

  /// They leave a request unanswered if the one that does so runs last, which no order promises;
  /// and whoever subscribes once more then is not heard (RFC 6121 §A.3.1). So they have a run and
  /// accounts of their own.
  private static boolean leavesSubscriptions(String test) {
    return test.startsWith("RosterIntegrationTest");
  }

  private void passes(List<String> listed) throws Exception {
    assertThat(listed).isNotEmpty();
    String classPath = classPath();
    String host = freeHost();
    String said;
    int code;
    try (RunningServer server = RunningServer.in(folder, seams -> seams, _ -> listeningOn(host));
        Program smack = Program.start(folder, command(server, host, classPath, listed))) {
      code = smack.awaitEnd(BOUND);
      said = smack.said();
    }
    System.out.println(said);
    assertThat(matches(FAILED, said)).as("failed").isEmpty();
    assertThat(matches(IMPOSSIBLE, said)).as("not run").isEmpty();
    Set<String> passed =
        PASSED
            .matcher(said)
            .results()
            .flatMap(one -> Stream.of(one.group(1), one.group(1) + "." + one.group(2)))
            .collect(Collectors.toSet());
    assertThat(passed).containsAll(listed);
    assertThat(code).isZero();
  }

  @Test
  void eachOfSmacksTestsIsRunOrLeftOutForAReason() throws Exception {
    String classPath = classPath();
    Set<String> classes = new TreeSet<>();
    for (String part : classPath.split(Pattern.quote(File.pathSeparator), -1)) {
      if (part.contains("smack-integration-test")) {
        try (JarFile jar = new JarFile(part)) {
          jar.stream()
              .map(entry -> entry.getName())
              .filter(name -> name.startsWith("org/jivesoftware/") && name.endsWith("Test.class"))
              .map(name -> name.substring(name.lastIndexOf('/') + 1, name.length() - 6))
              .filter(name -> !name.startsWith("Abstract") && !name.contains("$"))
              .forEach(classes::add);
        }
      }
    }
    Set<String> known =
        Stream.concat(listed('+').stream(), listed('-').stream())
            .map(name -> name.split("\\.", -1)[0])
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(known).isEqualTo(classes);
  }

  private static String classPath() throws IOException {
    if (!Files.exists(CLASS_PATH)) {
      throw Tools.without(CLASS_PATH + " is missing; make it with: mvn -pl cli -am test-compile");
    }
    return Files.readString(CLASS_PATH).strip();
  }

  /// The names with that mark in the list.
  private static List<String> listed(char mark) throws Exception {
    Path list =
        Path.of(
            Objects.requireNonNull(SmackIntegrationIT.class.getResource("/smack-tests.txt"))
                .toURI());
    return Files.readAllLines(list).stream()
        .filter(line -> line.startsWith(mark + " "))
        .map(line -> line.substring(2).split(":", 2)[0].strip())
        .toList();
  }

  /// An address of the loopback device on which the port is free: all of 127/8 on Linux, one
  /// elsewhere.
  private static String freeHost() {
    return IntStream.rangeClosed(1, 20)
        .mapToObj(last -> "127.0.0." + last)
        .filter(SmackIntegrationIT::isFree)
        .findFirst()
        .orElseThrow(
            () -> Tools.without("port " + PORT + " is taken on the loopback device; free it"));
  }

  private static boolean isFree(String host) {
    try (ServerSocket probe = new ServerSocket()) {
      probe.bind(new InetSocketAddress(InetAddress.ofLiteral(host), PORT));
      return true;
    } catch (IOException taken) {
      return false;
    }
  }

  private Configuration listeningOn(String host) {
    return Configuration.read(
        Optional.empty(),
        new Overrides(
            Optional.of(folder.resolve("data")),
            Optional.of(folder.resolve("run")),
            List.of(DOMAIN.name()),
            Optional.of(host + ":" + PORT),
            Optional.of(host + ":0")));
  }

  private List<String> command(
      RunningServer server, String host, String classPath, List<String> tests) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-Dstderr.encoding=UTF-8",
                "-Djava.util.logging.SimpleFormatter.format=%5$s%6$s%n",
                "-Djavax.net.ssl.trustStore=" + trust(server),
                "-Djavax.net.ssl.trustStorePassword=" + STORE_PASSWORD));
    setting(command, "service", DOMAIN.name());
    setting(command, "host", host);
    setting(command, "securityMode", "required");
    setting(command, "dnsResolver", "javax");
    setting(command, "enabledConnections", "tcp");
    setting(command, "defaultConnection", "tcp");
    setting(command, "debugger", "none");
    setting(command, "replyTimeout", Long.toString(REPLY.toMillis()));
    setting(command, "enabledTests", String.join(",", tests));
    for (String number : List.of("One", "Two", "Three")) {
      AccountJid account = new AccountJid("smack" + number.toLowerCase(Locale.ROOT), DOMAIN);
      setting(command, "account" + number + "Username", account.localpart());
      setting(command, "account" + number + "Password", server.password(account));
    }
    command.addAll(List.of("-cp", classPath, FRAMEWORK));
    return command;
  }

  private static void setting(List<String> command, String name, String value) {
    command.add("-Dsinttest." + name + "=" + value);
  }

  /// A store with the server's private root.
  private Path trust(RunningServer server) throws Exception {
    server.enrol(server.invite(NINA), "kit");
    KeyStore anchors = KeyStore.getInstance("PKCS12");
    anchors.load(null, null);
    anchors.setCertificateEntry("server", server.home("kit").serverAnchor().orElseThrow());
    Path file = folder.resolve("trust.p12");
    try (OutputStream output = Files.newOutputStream(file)) {
      anchors.store(output, STORE_PASSWORD.toCharArray());
    }
    return file;
  }

  private static List<String> matches(Pattern pattern, String text) {
    return pattern.matcher(text).results().map(one -> one.group()).toList();
  }
}
