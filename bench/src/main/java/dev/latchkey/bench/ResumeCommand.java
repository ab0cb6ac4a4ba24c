// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.bench;

import dev.latchkey.client.ClientEnvironment;
import dev.latchkey.wire.socket.EventLoops;
import dev.latchkey.wire.tls.TlsProvider;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `./latchkey bench resume`: devices that come back to their sessions.
@Command(
    name = "resume",
    description = {
      "Measures devices that lose their connection and resume their session (XEP-0198) in one round"
          + " trip over a resumed TLS session, beside bare TLS resumptions of the same provider:"
          + " what one costs the server.",
      "The clients run on this machine too, so read the CPU time and the ratio first."
    },
    mixinStandardHelpOptions = true)
final class ResumeCommand implements Callable<Integer> {
  /// So many times what a bare TLS resumption costs may one cost.
  private static final double BAR = 1.5;

  private static final int MOST_CONNECTIONS = 64;
  private static final int LONGEST_SECONDS = 600;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--seconds",
      defaultValue = "20",
      description =
          "how long each of the two is measured (20), in ten turns, after warm-ups of the same time"
              + " until Java's compiler is quiet, at most 12")
  private int seconds;

  @Option(
      names = "--connections",
      defaultValue = "4",
      description = "how many devices come back at a time (4)")
  private int connections;

  @Option(
      names = "--provider",
      description = "who does TLS in the server: conscrypt or jsse (the best there is)")
  private Optional<TlsProvider> provider = Optional.empty();

  @Option(names = "--json", description = "print one JSON object")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    TlsProvider tls = provider.orElseGet(TlsProvider::best);
    if (seconds < 1 || seconds > LONGEST_SECONDS) {
      throw wrong("--seconds is 1 to " + LONGEST_SECONDS);
    }
    if (connections < 1 || connections > MOST_CONNECTIONS) {
      throw wrong("--connections is 1 to " + MOST_CONNECTIONS);
    }
    if (!tls.usable()) {
      throw wrong("Conscrypt does not run on this machine; use --provider jsse");
    }
    Path folder = Files.createTempDirectory("latchkey-bench-");
    EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    try {
      SignInReport report = measure(tls, folder, loops);
      spec.commandLine().getOut().println(json ? report.json() : report.table());
      return report.isClean() ? 0 : 1;
    } finally {
      loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
      LoginCommand.delete(folder);
    }
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  private SignInReport measure(TlsProvider tls, Path folder, EventLoopGroup loops)
      throws Exception {
    try (EventLoops enrolling = EventLoops.start(1);
        MeasuredProcess server =
            MeasuredProcess.start(
                folder.resolve("resume.log"), "login", tls.name(), folder.toString());
        MeasuredProcess bareServer =
            MeasuredProcess.start(folder.resolve("handshake.log"), "handshake", tls.name())) {
      Members members =
          Members.enrol(
              connections,
              loops,
              Path.of(server.ready()),
              folder.resolve("homes"),
              ClientEnvironment.ofThisMachine().sharing(enrolling));
      BareServer.Address bareAddress = BareServer.Address.read(bareServer.ready());
      List<Attempt> returns = new ArrayList<>();
      List<Attempt> bare = new ArrayList<>();
      for (int i = 0; i < connections; i++) {
        returns.add(members.returning(i));
        bare.add(BareClient.resuming(loops, bareAddress, members.identity(i)));
      }
      Turns turns =
          Turns.take(
              new ClientLoad(server, returns),
              new ClientLoad(bareServer, bare),
              Duration.ofSeconds(seconds));
      return new SignInReport("resumption", tls, connections, turns, OptionalDouble.of(BAR));
    }
  }
}
