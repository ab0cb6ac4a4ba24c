// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.journey;

import com.fasterxml.jackson.databind.JsonNode;
import dev.latchkey.client.ClientEnvironment;
import dev.latchkey.client.ClientStream;
import dev.latchkey.client.DeviceHome;
import dev.latchkey.client.EnrolledDevice;
import dev.latchkey.client.Enrolment;
import dev.latchkey.client.LatchkeyClient;
import dev.latchkey.client.LoginUri;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Domain;
import dev.latchkey.sasl.FailureReason;
import dev.latchkey.server.Configuration;
import dev.latchkey.server.Configuration.Overrides;
import dev.latchkey.server.LatchkeyServer;
import dev.latchkey.server.Seams;
import dev.latchkey.server.admin.AdminClient;
import dev.latchkey.server.admin.AdminException;
import dev.latchkey.server.admin.JsonLine;
import dev.latchkey.store.DatabaseDump;
import dev.latchkey.wire.socket.Connection;
import dev.latchkey.wire.socket.Connector;
import dev.latchkey.wire.socket.EventLoops;
import dev.latchkey.wire.tls.ClientTls;
import dev.latchkey.wire.tls.ServerTrust;
import dev.latchkey.wire.tls.TlsIdentity;
import dev.latchkey.wire.tls.TlsProvider;
import dev.latchkey.xmpp.stream.StreamLog;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLEngine;

/// A real server for a test: sockets, TLS, the database on disk, in a folder of its own. Its log is
/// written down, and its database can be compared.
public final class RunningServer implements AutoCloseable {
  /// The domain it serves.
  public static final Domain DOMAIN = new Domain("localhost");

  /// The account that most tests are about.
  public static final AccountJid NINA = new AccountJid("nina", DOMAIN);

  /// How long a test waits for what must come.
  public static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Path folder;
  private final LatchkeyServer server;
  private final EventLoops loops = EventLoops.start(1);
  private final List<AutoCloseable> open = new ArrayList<>();

  /// What the operator reads, in order.
  public final Log log = new Log();

  /// What it and its clients say.
  public final Recording recording = new Recording();

  /// The log of a server, written down.
  public static final class Log implements StreamLog {
    /// `condition: rule` of each stream that was ended.
    public final List<String> streams = new CopyOnWriteArrayList<>();

    /// The reason of each refused sign-in.
    public final List<FailureReason> refusals = new CopyOnWriteArrayList<>();

    /// More of each refused sign-in, where there is more.
    public final List<String> details = new CopyOnWriteArrayList<>();

    /// The device of each sign-in.
    public final List<String> signIns = new CopyOnWriteArrayList<>();

    @Override
    public void streamRefused(InetSocketAddress peer, String condition, String rule) {
      synchronized (streams) {
        streams.add(condition + ": " + rule);
        streams.notifyAll();
      }
    }

    @Override
    public void signInRefused(
        InetSocketAddress peer,
        Domain domain,
        String mechanism,
        FailureReason reason,
        Optional<String> detail) {
      refusals.add(reason);
      detail.ifPresent(details::add);
    }

    @Override
    public void signedIn(
        InetSocketAddress peer, AccountJid account, String device, String mechanism) {
      signIns.add(device);
    }

    /// Waits until a stream was ended with an error: who is told may hear it before it is written
    /// down.
    public List<String> awaitStream() throws InterruptedException {
      synchronized (streams) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (streams.isEmpty() && System.nanoTime() < end) {
          streams.wait(PATIENCE.toMillis());
        }
      }
      return streams;
    }

    /// Forgets what was written down.
    public void forget() {
      streams.clear();
      refusals.clear();
      details.clear();
      signIns.clear();
    }
  }

  private RunningServer(
      Path folder, UnaryOperator<Seams> seams, UnaryOperator<Configuration> configuration)
      throws IOException {
    this.folder = folder;
    this.server =
        LatchkeyServer.start(
            configuration.apply(configuration(folder)),
            seams.apply(Seams.none().with(log).withConnections(recording::of)));
  }

  /// The configuration that is used unless a test wants another one.
  public static Configuration configuration(Path folder) {
    return Configuration.read(
        Optional.empty(),
        new Overrides(
            Optional.of(folder.resolve("data")),
            Optional.of(folder.resolve("run")),
            List.of(DOMAIN.name()),
            Optional.of("127.0.0.1:0"),
            Optional.of("127.0.0.1:0")));
  }

  /// Starts one as it is.
  public static RunningServer in(Path folder) throws IOException {
    return new RunningServer(folder, seams -> seams, whole -> whole);
  }

  /// Starts one that is wired or configured otherwise.
  public static RunningServer in(
      Path folder, UnaryOperator<Seams> seams, UnaryOperator<Configuration> configuration)
      throws IOException {
    return new RunningServer(folder, seams, configuration);
  }

  /// The server.
  public LatchkeyServer server() {
    return server;
  }

  /// Everything in its database, as text that can be compared.
  public DatabaseDump dump() {
    return DatabaseDump.of(server.configuration().data().resolve("latchkey.db"));
  }

  /// Asks over the admin socket.
  ///
  /// @return the lines of the answer
  public List<JsonNode> admin(JsonLine request) throws AdminException {
    List<JsonNode> lines = new ArrayList<>();
    new AdminClient(server.configuration().adminSocket()).call(request, lines::add);
    return lines;
  }

  /// Invites an account.
  public LoginUri invite(AccountJid account) throws AdminException {
    JsonNode line =
        admin(new JsonLine().with("command", "invite").with("account", account.toString()))
            .getFirst();
    return LoginUri.parse(line.path("uri").asText());
  }

  /// Makes a device password.
  public String password(AccountJid account) throws AdminException {
    return admin(new JsonLine().with("command", "password").with("account", account.toString()))
        .getFirst()
        .path("password")
        .asText();
  }

  /// Revokes a device, as the operator.
  public void revoke(AccountJid account, String device) throws AdminException {
    admin(
        new JsonLine()
            .with("command", "revoke")
            .with("account", account.toString())
            .with("device", device)
            .with("force", true));
  }

  /// What `devices` lists.
  public List<JsonNode> devices(AccountJid account) throws AdminException {
    return admin(new JsonLine().with("command", "devices").with("account", account.toString()));
  }

  /// The kit's environment for this test.
  public ClientEnvironment environment() {
    return ClientEnvironment.ofThisMachine().withPatience(PATIENCE).sharing(loops);
  }

  /// A home of a device.
  public DeviceHome home(String name) {
    return DeviceHome.at(folder.resolve("homes").resolve(name));
  }

  /// Enrols a device with the kit.
  public EnrolledDevice enrol(LoginUri uri, String home) {
    return new Enrolment(uri, home(home)).name(home).in(environment()).run();
  }

  /// Enrols a device with the kit, which gives up soon.
  public EnrolledDevice enrolImpatiently(LoginUri uri, String home) {
    return new Enrolment(uri, home(home))
        .name(home)
        .in(environment().withPatience(Duration.ofSeconds(2)))
        .run();
  }

  /// Signs in with the kit.
  public LatchkeyClient connect(String home) {
    LatchkeyClient client = LatchkeyClient.open(home(home)).in(environment()).connect();
    open.add(client);
    return client;
  }

  /// What an enrolled device shows in TLS.
  public TlsIdentity identity(String home) {
    return new TlsIdentity(home(home).privateKey(), home(home).certificates());
  }

  /// SHA-256 of the SPKI of the server's private root.
  public Bytes pin() throws AdminException {
    return invite(new AccountJid("pin", DOMAIN)).pin().orElseThrow();
  }

  /// What runs the connections of the tests.
  public EventLoops loops() {
    return loops;
  }

  /// A connection to the STARTTLS port on which nothing has been said.
  public Connection dial() throws IOException, InterruptedException {
    return new Connector(loops).connect(server.startTls().orElseThrow(), PATIENCE);
  }

  /// A stream over direct TLS on which anything can be said; it is not opened yet.
  public ClientStream stream(LoginUri pinned, Optional<TlsIdentity> identity)
      throws IOException, InterruptedException {
    Connection connection =
        new Connector(loops).connect(server.directTls().orElseThrow(), PATIENCE);
    ClientStream stream = ClientStream.over(connection, DOMAIN, Optional.of(NINA), PATIENCE);
    stream.handshake(
        ClientTls.of(
                identity
                    .map(TlsIdentity::key)
                    .map(TlsProvider::bestFor)
                    .orElseGet(TlsProvider::best),
                DOMAIN,
                identity,
                new ServerTrust.Pinned(pinned.pin().orElseThrow()))
            .engine(true));
    open.add(stream);
    return stream;
  }

  /// A way to connect.
  ///
  /// @param provider who does the client's TLS
  /// @param protocol the only version of TLS that the client speaks
  /// @param direct whether TLS starts at once
  /// @param serverName what the client asks for by SNI, and checks
  public record Way(TlsProvider provider, String protocol, boolean direct, Domain serverName) {}

  /// An encrypted stream of that way, to the account's domain; it is not opened yet.
  ///
  /// @param pin of a certificate that the server sends
  public ClientStream stream(Way way, AccountJid account, Bytes pin, Optional<TlsIdentity> identity)
      throws IOException, InterruptedException {
    InetSocketAddress address =
        (way.direct() ? server.directTls() : server.startTls()).orElseThrow();
    Connection connection = new Connector(loops).connect(address, PATIENCE);
    ClientStream stream =
        ClientStream.over(connection, account.domain(), Optional.of(account), PATIENCE);
    open.add(stream);
    SSLEngine engine =
        ClientTls.of(way.provider(), way.serverName(), identity, new ServerTrust.Pinned(pin))
            .engine(way.direct());
    engine.setEnabledProtocols(new String[] {way.protocol()});
    if (way.direct()) {
      stream.handshake(engine);
    } else {
      var _ = stream.open();
      stream.startTls(engine);
    }
    return stream;
  }

  @Override
  public void close() {
    try {
      for (AutoCloseable part : open.reversed()) {
        part.close();
      }
    } catch (Exception broken) {
      throw new AssertionError("a client did not close", broken);
    } finally {
      server.close();
      loops.close();
    }
    // Whatever a test is about: what the server says keeps to our own schemas.
    List<String> violations = Recording.violations(recording.byServer());
    if (!violations.isEmpty()) {
      throw new AssertionError(String.join("\n", violations));
    }
  }
}
