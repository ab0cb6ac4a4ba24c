// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.bench;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.latchkey.client.ClientEnvironment;
import dev.latchkey.wire.socket.EventLoops;
import dev.latchkey.wire.tls.TlsProvider;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `./latchkey bench sessions`: what idle sessions cost in memory.
@Command(
    name = "sessions",
    description = {
      "Signs many sessions in to a server in a process of its own and measures what each of them"
          + " costs it in memory when nobody says anything.",
      "Each needs an open file here, and in the server one or, over Conscrypt, three; where there"
          + " are too few (ulimit -n), fewer sessions are measured."
    },
    mixinStandardHelpOptions = true)
final class SessionsCommand implements Callable<Integer> {
  private static final int MOST = 25_000; // the local ports of one address
  private static final int EACH = 10;
  private static final int AT_A_TIME = 8;

  /// Open files that a process needs beside those for its sessions.
  private static final int OTHER_FILES = 500;

  /// The usual heap is for a small server.
  private static final String HEAP = "-Xmx2g";

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--count", defaultValue = "10000", description = "how many sessions (10000)")
  private int count;

  @Mixin private ProviderOption provider = new ProviderOption();

  @Mixin private Output output = new Output();

  @Override
  public Integer call() throws Exception {
    TlsProvider tls = provider.get();
    if (count < EACH || count > MOST) {
      throw new ParameterException(spec.commandLine(), "--count is %d to %d".formatted(EACH, MOST));
    }
    output.print(measure(tls, possible(tls)));
    return 0;
  }

  /// As many as asked, or as there are open files for; then it says so.
  private int possible(TlsProvider tls) {
    long files = files();
    int each = filesOf(tls);
    int most = (int) Math.min(count, Math.max(EACH, (files - OTHER_FILES) / each));
    if (most < count) {
      spec.commandLine()
          .getErr()
          .printf(
              "The server needs %d open files for %d sessions and may have %d, so %d are measured."
                  + " Raise the limit (ulimit -Hn and -Sn)%s to measure all.%n",
              (long) each * count + OTHER_FILES,
              count,
              files,
              most,
              each > 1 ? " or take --provider jsse" : "");
    }
    return most;
  }

  /// How many open files this process, and so the server, may have; without a bound if the system
  /// does not tell.
  private static long files() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system
        ? system.getMaxFileDescriptorCount()
        : Long.MAX_VALUE;
  }

  /// Open files for one connection: its socket, and the pipe that Conscrypt opens for each engine.
  private static int filesOf(TlsProvider tls) {
    return switch (tls) {
      case CONSCRYPT -> 3;
      case JSSE -> 1;
    };
  }

  private static SessionsReport measure(TlsProvider tls, int count) throws Exception {
    int accounts = count / EACH;
    try (Scratch scratch = Scratch.make();
        EventLoops enrolling = EventLoops.start(1);
        MeasuredProcess server = MeasuredProcess.latchkey(scratch.folder(), tls, HEAP)) {
      Members members =
          Members.enrol(
              accounts,
              scratch.loop(),
              Path.of(server.ready()),
              scratch.folder().resolve("homes"),
              ClientEnvironment.ofThisMachine().sharing(enrolling));
      // One session of each first: what is loaded and compiled once is no session's cost.
      List<Members.SignedIn> warmUp = signIn(members, Math.min(accounts, 100));
      for (Members.SignedIn signedIn : warmUp) {
        signedIn.client().close();
      }
      MemoryUse before = server.memory();
      long begin = System.nanoTime();
      List<Members.SignedIn> sessions = signIn(members, accounts * EACH);
      Duration took = Duration.ofNanos(System.nanoTime() - begin);
      MemoryUse with = server.memory();
      return new SessionsReport(tls, sessions.size(), accounts, took, before, with);
    }
  }

  /// Signs in, one account after another and again from the first.
  private static List<Members.SignedIn> signIn(Members members, int sessions) throws Exception {
    List<Members.SignedIn> signedIn = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(AT_A_TIME)) {
      List<Future<Members.SignedIn>> begun = new ArrayList<>();
      for (int i = 0; i < sessions; i++) {
        int member = i % members.count();
        begun.add(threads.submit(() -> silent(members.signIn(member))));
      }
      for (Future<Members.SignedIn> one : begun) {
        try {
          signedIn.add(one.get());
        } catch (ExecutionException failed) {
          threads.shutdownNow();
          throw failed.getCause() instanceof Exception known ? known : failed;
        }
      }
    }
    return signedIn;
  }

  private static Members.SignedIn silent(Members.SignedIn signedIn) throws Exception {
    signedIn.client().fallSilent();
    return signedIn;
  }
}
