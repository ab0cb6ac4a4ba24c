// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.server;

import dev.latchkey.server.admin.AdminSocket;
import dev.latchkey.server.admin.JsonLine;
import dev.latchkey.store.RestoreReport;
import dev.latchkey.wire.socket.EventLoops;
import dev.latchkey.wire.socket.Listener;
import dev.latchkey.wire.tls.ServerTls;
import dev.latchkey.xmpp.signin.Negotiation;
import dev.latchkey.xmpp.stream.StreamLog;
import dev.latchkey.xmpp.transport.ClientPorts;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A running server. Thread-safe.
public final class LatchkeyServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LatchkeyServer.class);

  /// A little longer than a connection takes to close whose peer does not hang up.
  private static final Duration FAREWELL = Duration.ofMillis(2_500);

  private final Configuration configuration;
  private final Assembly assembly;
  private final Optional<InetSocketAddress> startTls;
  private final Optional<InetSocketAddress> directTls;

  /// What to close, the last opened first.
  private final Deque<AutoCloseable> open = new ArrayDeque<>();

  private LatchkeyServer(Configuration configuration, Seams seams, boolean afterRestore)
      throws IOException {
    this.configuration = configuration;
    try {
      assembly = new Assembly(configuration, seams, afterRestore, open::push);
      EventLoops loops = EventLoops.start();
      open.push(loops);
      ClientPorts ports =
          new ClientPorts(
              loops,
              configuration.limits().unauthenticatedStreams(),
              (connection, signedIn) ->
                  new Negotiation(
                          assembly.signIn(), seams.connections().apply(connection), signedIn)
                      .run(),
              seams.log()::streamRefused);
      open.push(() -> ports.awaitClosed(FAREWELL));
      open.push(assembly::hibernate);
      assembly.revive();
      open.push(ports);
      ServerTls tls = ServerTls.of(assembly.provider(), assembly.identities());
      startTls = listen(ports, "listen", configuration.listen(), Optional.empty(), seams.log());
      directTls =
          listen(ports, "listen-tls", configuration.listenTls(), Optional.of(tls), seams.log());
      assembly.listening(startTls, directTls);
      open.push(AdminSocket.open(configuration.adminSocket(), assembly.commands(this::status)));
      open.push(Rounds.every(seams.round(), steps()));
    } catch (IOException | RuntimeException failed) {
      close();
      throw failed;
    }
  }

  /// Starts one; when this returns it serves.
  ///
  /// @param configuration what to serve
  /// @param seams where it is wired otherwise; [Seams#none] for a server as it is
  /// @throws IOException if an address or a file is not to be had; the message says which
  public static LatchkeyServer start(Configuration configuration, Seams seams) throws IOException {
    return new LatchkeyServer(configuration, seams, false);
  }

  /// Starts one on a database that was put back from a copy: what was revoked since stays revoked
  /// (rule 40).
  ///
  /// @throws IOException as [#start]
  public static LatchkeyServer startAfterRestore(Configuration configuration, Seams seams)
      throws IOException {
    return new LatchkeyServer(configuration, seams, true);
  }

  /// @param key what the configuration calls it
  private Optional<InetSocketAddress> listen(
      ClientPorts ports,
      String key,
      Optional<ListenAddress> address,
      Optional<ServerTls> direct,
      StreamLog log)
      throws IOException {
    if (address.isEmpty()) {
      return Optional.empty();
    }
    Listener.Settings settings =
        new Listener.Settings(
            direct.map(tls -> () -> tls),
            configuration.limits().timeToAuthenticate(),
            configuration.limits().connectionsPerAddress(),
            configuration.limits().beforeSignIn(),
            peer ->
                log.streamRefused(
                    peer, "policy-violation", "too many connections from one address"));
    try {
      return Optional.of(ports.open(address.get().toSocketAddress(), settings));
    } catch (IOException failed) {
      throw new IOException(
          "%s %s: cannot be listened on: %s. Stop who listens there, or choose another address: port 0 takes a free one, \"off\" none."
              .formatted(key, address.get(), failed.getMessage()),
          failed);
    }
  }

  private List<Rounds.Step> steps() {
    return List.of(
        new Rounds.Step("certificates", () -> assembly.identities().refresh()),
        new Rounds.Step(
            "silent clients",
            () -> assembly.registry().checkSilent(assembly.signIn().policy().idle())),
        new Rounds.Step("sessions that waited", assembly.registry()::endOverdue),
        new Rounds.Step("what is kept of messages", assembly.retention()::run),
        new Rounds.Step("credentials", assembly.credentialCleaning()::run));
  }

  /// Where STARTTLS is served.
  public Optional<InetSocketAddress> startTls() {
    return startTls;
  }

  /// Where direct TLS is served.
  public Optional<InetSocketAddress> directTls() {
    return directTls;
  }

  /// What it serves with.
  public Configuration configuration() {
    return configuration;
  }

  /// What was done to a database that was put back from a copy.
  public Optional<RestoreReport> restored() {
    return assembly.restored();
  }

  /// What is wired, for tests of this package's neighbours that look inside.
  Assembly assembly() {
    return assembly;
  }

  /// The line that says it serves; scripts read it.
  public String ready() {
    return "ready domain="
        + configuration.domains().stream()
            .map(domain -> domain.name().name())
            .collect(Collectors.joining(","))
        + startTls.map(address -> " c2s=" + ListenAddress.of(address)).orElse("")
        + directTls.map(address -> " tls=" + ListenAddress.of(address)).orElse("")
        + " data="
        + configuration.data();
  }

  private JsonLine status() {
    return assembly.status(startTls, directTls);
  }

  /// Ends it in order: nobody new, sessions told, what was accepted written.
  @Override
  public void close() {
    while (!open.isEmpty()) {
      try {
        open.pop().close();
      } catch (Exception failed) {
        LOG.error("SERVER-9002 something did not close", failed);
      }
    }
  }
}
