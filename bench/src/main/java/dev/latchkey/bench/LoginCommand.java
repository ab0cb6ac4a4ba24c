// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.bench;

import dev.latchkey.client.ClientEnvironment;
import dev.latchkey.wire.socket.EventLoops;
import dev.latchkey.wire.tls.TlsProvider;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
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

  /// So many times what a bare handshake costs may a login by token cost.
  private static final double FAST_BAR = 1.4;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Mixin private TimeOption time = new TimeOption();

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

  @Mixin private ProviderOption provider = new ProviderOption();

  @Mixin private Output output = new Output();

  @Override
  public Integer call() throws Exception {
    if (connections < 1 || connections > MOST_CONNECTIONS) {
      throw new ParameterException(spec.commandLine(), "--connections is 1 to " + MOST_CONNECTIONS);
    }
    SignInReport report = measure(provider.get(), time.get());
    output.print(report);
    return report.isClean() ? 0 : 1;
  }

  private SignInReport measure(TlsProvider tls, Duration each) throws Exception {
    try (Scratch scratch = Scratch.make();
        EventLoops kit = EventLoops.start();
        MeasuredProcess server = MeasuredProcess.latchkey(scratch.folder(), tls);
        MeasuredProcess bareServer = MeasuredProcess.bare(scratch.folder(), tls)) {
      output.progress("enrolling ...");
      LoginClients clients =
          LoginClients.make(
              mechanism,
              connections,
              scratch.loop(),
              Path.of(server.ready()),
              scratch.folder().resolve("homes"),
              ClientEnvironment.ofThisMachine().sharing(kit));
      BareClient bare =
          BareClient.shakingFully(
              scratch.loop(), BareServer.Address.read(bareServer.ready()), clients.identity());
      output.progress("measuring ...");
      Turns turns =
          Turns.take(
              new ClientLoad(server, clients.attempts()),
              new ClientLoad(bareServer, Collections.nCopies(connections, bare)),
              each);
      return new SignInReport(
          "login by " + mechanism.word(),
          tls,
          connections,
          turns,
          mechanism == LoginClients.Mechanism.FAST
              ? OptionalDouble.of(FAST_BAR)
              : OptionalDouble.empty());
    }
  }

  private static final class MechanismConverter implements ITypeConverter<LoginClients.Mechanism> {
    @Override
    public LoginClients.Mechanism convert(String word) {
      return LoginClients.Mechanism.of(word);
    }
  }
}
