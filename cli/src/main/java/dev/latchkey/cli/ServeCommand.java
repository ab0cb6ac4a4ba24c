// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli;

import dev.latchkey.server.Configuration;
import dev.latchkey.server.Configuration.Overrides;
import dev.latchkey.server.Configuration.ServedDomain;
import dev.latchkey.server.LatchkeyServer;
import dev.latchkey.server.RunFolder;
import dev.latchkey.server.Seams;
import dev.latchkey.server.ServerLog;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `serve`: runs a server until it is told to end.
@Command(
    name = "serve",
    mixinStandardHelpOptions = true,
    description = {
      "Runs a server until SIGTERM or Ctrl-C.",
      "When it serves, it prints one line:",
      "ready domain=localhost c2s=127.0.0.1:5222 tls=127.0.0.1:5223 data=DIR",
      "Everything can be said in a file: examples/latchkey.toml."
    })
final class ServeCommand implements Callable<Integer> {
  private final Console console;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Where everything is kept (default: latchkey-data).")
  private Optional<Path> data = Optional.empty();

  @Option(
      names = "--domain",
      paramLabel = "NAME",
      description = "What is served (default: localhost). May stand several times.")
  private List<String> domains = List.of();

  @Option(names = "--config", paramLabel = "FILE", description = "The configuration.")
  private Optional<Path> config = Optional.empty();

  @Option(
      names = "--listen",
      paramLabel = "HOST:PORT",
      description = "STARTTLS (default: 127.0.0.1:5222); port 0 takes a free one, \"off\" none.")
  private Optional<String> listen = Optional.empty();

  @Option(
      names = "--listen-tls",
      paramLabel = "HOST:PORT",
      description = "Direct TLS (default: 127.0.0.1:5223).")
  private Optional<String> listenTls = Optional.empty();

  @Option(
      names = "--run-dir",
      paramLabel = "DIR",
      description = "Where the sockets for this machine are (default: run in the data folder).")
  private Optional<Path> runDir = Optional.empty();

  @Option(
      names = "--after-restore",
      description = "The database was put back from a copy: what was revoked since stays revoked.")
  private boolean afterRestore;

  ServeCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Configuration configuration =
        Configuration.read(config, new Overrides(data, runDir, domains, listen, listenTls));
    ServerLog log = ServerLog.begin();
    LatchkeyServer server;
    try {
      server = start(configuration);
    } catch (IOException | RuntimeException failed) {
      log.close();
      throw failed;
    }
    // SIGTERM and Ctrl-C run this; the process ends when it returns.
    Runtime.getRuntime().addShutdownHook(new Thread(() -> end(server, log), "latchkey-shutdown"));
    RunFolder.announce(configuration.data(), configuration.runDir());
    server.restored().stream()
        .filter(report -> report.replayed() > 0)
        .flatMap(report -> RestoreCommand.sentences(report).stream())
        .forEach(console::note);
    for (ServedDomain domain : configuration.domains()) {
      if (domain.tls().isEmpty()) {
        console.note(
            "%s shows a TLS certificate that the server made itself, for trying things out; give it its own with tls-cert (examples/latchkey.toml)."
                .formatted(domain.name()));
      }
    }
    console.say(server.ready());
    new CountDownLatch(1).await();
    return 0;
  }

  private LatchkeyServer start(Configuration configuration) throws IOException {
    return afterRestore
        ? LatchkeyServer.startAfterRestore(configuration, Seams.none())
        : LatchkeyServer.start(configuration, Seams.none());
  }

  private static void end(LatchkeyServer server, ServerLog log) {
    try (log) {
      server.close();
    }
  }
}
