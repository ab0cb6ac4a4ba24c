// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.bench;

import dev.latchkey.client.ClientEnvironment;
import dev.latchkey.wire.socket.EventLoops;
import dev.latchkey.wire.tls.TlsProvider;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.Console;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `./latchkey bench login`: whole logins on real sockets, beside bare TLS handshakes.
@Command(
    name = "login",
    description = {
      "Measures logins against a server in a process of its own, beside bare TLS handshakes of the"
          + " same provider: how many a second, how long they take, what they cost the server.",
      "The clients run on this machine too, so read the CPU time and the ratio first."
    },
    mixinStandardHelpOptions = true)
final class LoginCommand implements Callable<Integer> {
  /// The server takes 256 connections from one address, those that are just closing too.
  private static final int MOST_CONNECTIONS = 64;

  private static final int LONGEST_SECONDS = 600;

  /// So many times what a bare handshake costs may a login by token cost.
  private static final double FAST_BAR = 1.4;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--seconds",
      defaultValue = "10",
      description =
          "how long each of the two is measured (10), in ten turns, after warm-ups of the same time"
              + " until Java's compiler is quiet, at most 12")
  private int seconds;

  @Option(
      names = "--connections",
      defaultValue = "4",
      description = "how many clients sign in at a time (4)")
  private int connections;

  @Option(
      names = {"--mechanism", "--credential"},
      defaultValue = "scram",
      converter = MechanismConverter.class,
      description =
          "scram (a device password; the default), external (a certificate), fast (a token) or"
              + " client-key")
  private LoginClients.Mechanism mechanism = LoginClients.Mechanism.SCRAM;

  @Option(
      names = "--provider",
      description = "who does TLS in the server: conscrypt or jsse (the best there is)")
  private Optional<TlsProvider> provider = Optional.empty();

  @Option(names = "--json", description = "print one JSON object")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    TlsProvider tls = provider.orElseGet(TlsProvider::best);
    check(tls);
    Path folder = Files.createTempDirectory("latchkey-bench-");
    try {
      SignInReport report = measure(tls, folder);
      spec.commandLine().getOut().println(json ? report.json() : report.table());
      return report.isClean() ? 0 : 1;
    } finally {
      delete(folder);
    }
  }

  private void check(TlsProvider tls) {
    if (seconds < 1 || seconds > LONGEST_SECONDS) {
      throw wrong("--seconds is 1 to " + LONGEST_SECONDS);
    }
    if (connections < 1 || connections > MOST_CONNECTIONS) {
      throw wrong("--connections is 1 to " + MOST_CONNECTIONS);
    }
    if (!tls.usable()) {
      throw wrong("Conscrypt does not run on this machine; use --provider jsse");
    }
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  private SignInReport measure(TlsProvider tls, Path folder) throws Exception {
    EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    try (EventLoops kit = EventLoops.start();
        MeasuredProcess server =
            MeasuredProcess.start(
                folder.resolve("login.log"), "login", tls.name(), folder.toString());
        MeasuredProcess bareServer =
            MeasuredProcess.start(folder.resolve("handshake.log"), "handshake", tls.name())) {
      progress("enrolling ...");
      LoginClients clients =
          LoginClients.make(
              mechanism,
              connections,
              loops,
              Path.of(server.ready()),
              folder.resolve("homes"),
              ClientEnvironment.ofThisMachine().sharing(kit));
      BareClient bare =
          BareClient.shakingFully(
              loops, BareServer.Address.read(bareServer.ready()), clients.identity());
      progress("measuring ...");
      Turns turns =
          Turns.take(
              new ClientLoad(server, clients.attempts()),
              new ClientLoad(bareServer, Collections.nCopies(connections, bare)),
              Duration.ofSeconds(seconds));
      return new SignInReport(
          "login by " + mechanism.word(),
          tls,
          connections,
          turns,
          mechanism == LoginClients.Mechanism.FAST
              ? OptionalDouble.of(FAST_BAR)
              : OptionalDouble.empty());
    } finally {
      loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
    }
  }

  private void progress(String what) {
    if (!json && Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent()) {
      spec.commandLine().getErr().println(what);
    }
  }

  /// Removes a folder with all that is in it.
  static void delete(Path folder) throws IOException {
    List<Path> all;
    try (Stream<Path> found = Files.walk(folder)) {
      all = found.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : all) {
      Files.delete(path);
    }
  }

  private static final class MechanismConverter implements ITypeConverter<LoginClients.Mechanism> {
    @Override
    public LoginClients.Mechanism convert(String word) {
      return LoginClients.Mechanism.of(word);
    }
  }
}
