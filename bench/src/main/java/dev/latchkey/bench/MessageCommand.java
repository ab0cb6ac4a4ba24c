// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.bench;

import dev.latchkey.client.ClientEnvironment;
import dev.latchkey.credential.Bytes;
import dev.latchkey.wire.socket.EventLoops;
import dev.latchkey.wire.tls.ClientTls;
import dev.latchkey.wire.tls.TlsProvider;
import io.netty.channel.EventLoopGroup;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `./latchkey bench message`: chat messages between signed-in clients, beside a bare TLS echo.
@Command(
    name = "message",
    description = {
      "Measures messages between pairs of clients through a server in a process of its own, beside"
          + " the same octets that a bare TLS server of the same provider sends back.",
      "The clients run on this machine too, so read the CPU time and the ratio first."
    },
    mixinStandardHelpOptions = true)
final class MessageCommand implements Callable<Integer> {
  private static final int MOST_PAIRS = 100;

  /// Whether messages are archived.
  enum Archive {
    /// By both accounts.
    ON,
    /// By nobody: they are only delivered.
    OFF
  }

  @Spec private CommandSpec spec = CommandSpec.create();

  @Mixin private TimeOption time = new TimeOption();

  @Option(
      names = "--pairs",
      defaultValue = "8",
      description = "how many pairs of clients, each with one message on its way (8)")
  private int pairs;

  @Option(
      names = "--archive",
      defaultValue = "on",
      description = "on (both archives keep each message; the default) or off (none does)")
  private Archive archive = Archive.ON;

  @Mixin private ProviderOption provider = new ProviderOption();

  @Mixin private Output output = new Output();

  @Override
  public Integer call() throws Exception {
    if (pairs < 1 || pairs > MOST_PAIRS) {
      throw new ParameterException(spec.commandLine(), "--pairs is 1 to " + MOST_PAIRS);
    }
    output.print(measure(provider.get(), time.get()));
    return 0;
  }

  private MessageReport measure(TlsProvider tls, Duration each) throws Exception {
    try (Scratch scratch = Scratch.make();
        EventLoops enrolling = EventLoops.start(1);
        MeasuredProcess server = MeasuredProcess.latchkey(scratch.folder(), tls);
        MeasuredProcess echoServer = MeasuredProcess.bare(scratch.folder(), tls)) {
      output.progress("enrolling ...");
      Members members =
          Members.enrol(
              pairs * 2,
              scratch.loop(),
              Path.of(server.ready()),
              scratch.folder().resolve("homes"),
              ClientEnvironment.ofThisMachine().sharing(enrolling));
      List<PairLoad.Pair> chatting = chatting(members);
      int octets = chatting.getFirst().there().length();
      BareServer.Address echo = BareServer.Address.read(echoServer.ready());
      output.progress("measuring ...");
      Turns turns =
          Turns.take(
              new PairLoad(server, chatting),
              new PairLoad(echoServer, echoing(scratch.loop(), echo, octets)),
              each);
      return new MessageReport(tls, pairs, archive == Archive.ON, octets, turns);
    }
  }

  private List<PairLoad.Pair> chatting(Members members) throws Exception {
    List<PairLoad.Pair> chatting = new ArrayList<>();
    for (int i = 0; i < pairs; i++) {
      Members.SignedIn first = members.signIn(i * 2);
      Members.SignedIn second = members.signIn(i * 2 + 1);
      Members.archive(first, archive == Archive.ON);
      Members.archive(second, archive == Archive.ON);
      chatting.add(
          new PairLoad.Pair(
              first.client(), second.client(), message(second.jid()), message(first.jid()), false));
    }
    return chatting;
  }

  private List<PairLoad.Pair> echoing(EventLoopGroup loops, BareServer.Address echo, int octets)
      throws Exception {
    ClientTls clients = Members.tls(echo.pin(), Optional.empty());
    Bytes same = padded(octets);
    List<PairLoad.Pair> echoing = new ArrayList<>();
    for (int i = 0; i < pairs; i++) {
      echoing.add(
          new PairLoad.Pair(
              RawClient.connect(loops, echo.socket(), clients),
              RawClient.connect(loops, echo.socket(), clients),
              same,
              same,
              true));
    }
    return echoing;
  }

  private static Bytes message(String to) {
    return Bytes.utf8(
        ("<message to='%s' type='chat' id='8b1c0b5e-1'><body>Shall we meet at the lake at seven?"
                + " The others come later, and somebody has to bring the boat.</body></message>")
            .formatted(to));
  }

  /// Something of the same length and with the same end.
  private static Bytes padded(int length) {
    String end = "</message>";
    return Bytes.utf8("x".repeat(length - end.length()) + end);
  }
}
