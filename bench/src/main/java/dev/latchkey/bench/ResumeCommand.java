// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.bench;

import dev.latchkey.client.ClientEnvironment;
import dev.latchkey.wire.socket.EventLoops;
import dev.latchkey.wire.tls.TlsProvider;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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

  @Spec private CommandSpec spec = CommandSpec.create();

  @Mixin private TimeOption time = new TimeOption();

  @Option(
      names = "--connections",
      defaultValue = "4",
      description = "how many devices come back at a time (4)")
  private int connections;

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
        EventLoops enrolling = EventLoops.start(1);
        MeasuredProcess server = MeasuredProcess.latchkey(scratch.folder(), tls);
        MeasuredProcess bareServer = MeasuredProcess.bare(scratch.folder(), tls)) {
      output.progress("enrolling ...");
      Members members =
          Members.enrol(
              connections,
              scratch.loop(),
              Path.of(server.ready()),
              scratch.folder().resolve("homes"),
              ClientEnvironment.ofThisMachine().sharing(enrolling));
      BareServer.Address bareAddress = BareServer.Address.read(bareServer.ready());
      List<Attempt> returns = new ArrayList<>();
      List<Attempt> bare = new ArrayList<>();
      for (int i = 0; i < connections; i++) {
        returns.add(members.returning(i));
        bare.add(BareClient.resuming(scratch.loop(), bareAddress, members.identity(i)));
      }
      output.progress("measuring ...");
      Turns turns =
          Turns.take(new ClientLoad(server, returns), new ClientLoad(bareServer, bare), each);
      return new SignInReport("resumption", tls, connections, turns, OptionalDouble.of(BAR));
    }
  }
}
