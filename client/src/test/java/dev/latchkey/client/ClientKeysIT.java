// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.CredentialKind;
import dev.latchkey.credential.DeviceId;
import dev.latchkey.sasl.ChannelBindingType;
import dev.latchkey.testkit.ManualClock;
import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Devices that sign in with client keys, and a server that may break every rule of it.
final class ClientKeysIT {
  private static final String PLUS = "CLIENT-KEY-PLUS";

  @TempDir Path folder;
  private final FakeServer.Manners manners = new FakeServer.Manners();
  private DeviceHome home;

  @BeforeEach
  void choose() {
    home = DeviceHome.at(folder.resolve("home"));
    manners.enrolBy = List.of("csr", "client-key");
  }

  private EnrolledDevice enrol(FakeServer server) {
    return new Enrolment(server.uri(), home)
        .credential(CredentialKind.CLIENT_KEY)
        .name("Tablet")
        .in(EnrolmentIT.environment(server))
        .run();
  }

  private WhoAmI whoami(FakeServer server) {
    return whoami(server, home);
  }

  private static WhoAmI whoami(FakeServer server, DeviceHome home) {
    try (LatchkeyClient client =
        LatchkeyClient.open(home).in(EnrolmentIT.environment(server)).connect()) {
      return client.whoami();
    }
  }

  private static List<Element> named(FakeServer server, String name) {
    return server.received.stream().filter(element -> element.is(name, Namespaces.SASL2)).toList();
  }

  private long counter() {
    return home.clientKey().read().counter();
  }

  @Test
  @Spec(doc = "latchkey", section = "30.L", rule = "the server proves that it knows the key")
  void refusesServerThatDoesNotKnowTheKey() throws Exception {
    try (FakeServer server = new FakeServer(manners)) {
      enrol(server);
      manners.ownProof = proof -> Bytes.utf8(proof.sha256().toBase64());
      assertThatThrownBy(() -> whoami(server))
          .isInstanceOf(ServerNotTrustedException.class)
          .hasMessageContaining("did not prove that it knows the key");
      assertThat(home.clientKey().read().pin()).isEmpty(); // it was used with nobody
    }
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "section 31",
      rule = "mechanism and binding are pinned once used")
  void refusesWhatIsWeakerThanBefore() throws Exception {
    try (FakeServer server = new FakeServer(manners)) {
      enrol(server);
      assertThat(whoami(server).mechanism()).isEqualTo(PLUS);
      long before = counter();
      server.received.clear();
      manners.listed = names -> names.stream().filter(name -> !name.endsWith("-PLUS")).toList();
      manners.types = Optional.empty();
      assertThatThrownBy(() -> whoami(server))
          .isInstanceOf(ServerNotTrustedException.class)
          .hasMessageContaining("CLIENT-KEY-PLUS bound by tls-exporter before");
      manners.listed = names -> names;
      manners.types = Optional.of(List.of("tls-server-end-point"));
      assertThatThrownBy(() -> whoami(server))
          .isInstanceOf(ServerNotTrustedException.class)
          .hasMessageContaining("something weaker");
      assertThat(named(server, "authenticate")).isEmpty();
      assertThat(counter()).isEqualTo(before);
    }
  }

  @Test
  @Spec(doc = "XEP-0440", rule = "types without a -PLUS mechanism: somebody took them away")
  void refusesListFromWhichPlusWasTaken() throws Exception {
    try (FakeServer server = new FakeServer(manners)) {
      enrol(server);
      server.received.clear();
      manners.listed = names -> names.stream().filter(name -> !name.endsWith("-PLUS")).toList();
      assertThatThrownBy(() -> whoami(server))
          .isInstanceOf(ServerNotTrustedException.class)
          .hasMessageContaining("no -PLUS mechanism");
      assertThat(named(server, "authenticate")).isEmpty();
    }
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 11",
      rule = "the halves of a key are told to nobody who relays the proof of a code")
  void registersNoKeyWhereTheProofIsNotBound() throws Exception {
    manners.listed = names -> names.stream().filter(name -> !name.endsWith("-PLUS")).toList();
    manners.types = Optional.empty();
    try (FakeServer server = new FakeServer(manners)) {
      assertThatThrownBy(() -> enrol(server))
          .isInstanceOf(ClientException.class)
          .hasMessageContaining("SCRAM-SHA-256 here, which is not bound")
          .hasMessageContaining("SCRAM-...-PLUS")
          .hasMessageContaining("another --credential");
      assertThat(named(server, "authenticate")).isEmpty();
      assertThat(home.isEnrolled()).isFalse();
    }
  }

  @Test
  void bindsBetterThanBeforeWhereItCan() throws Exception {
    try (FakeServer server = new FakeServer(manners)) {
      enrol(server);
      manners.types = Optional.of(List.of("tls-server-end-point"));
      assertThat(whoami(server).mechanism()).isEqualTo(PLUS);
      assertThat(binding()).contains(ChannelBindingType.TLS_SERVER_END_POINT);
      manners.types = Optional.of(List.of("tls-exporter", "tls-server-end-point"));
      assertThat(whoami(server).mechanism()).isEqualTo(PLUS);
      assertThat(binding()).contains(ChannelBindingType.TLS_EXPORTER);
    }
  }

  private Optional<ChannelBindingType> binding() {
    return home.clientKey().read().pin().flatMap(ClientKeyFile.Pin::binding);
  }

  @Test
  void saysThatClientKeysAreNotOffered() throws Exception {
    try (FakeServer server = new FakeServer(manners)) {
      enrol(server);
      manners.listed =
          names -> names.stream().filter(name -> !name.startsWith("CLIENT-KEY")).toList();
      assertThatThrownBy(() -> whoami(server)).hasMessageContaining("by client key");
      manners.enrolBy = List.of("csr");
      DeviceHome other = DeviceHome.at(folder.resolve("other"));
      assertThatThrownBy(
              () ->
                  new Enrolment(server.uri(), other)
                      .credential(CredentialKind.CLIENT_KEY)
                      .in(EnrolmentIT.environment(server))
                      .run())
          .hasMessageContaining("does not enrol devices by client key");
    }
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "30.L",
      rule = "the next value is on disk before the message is sent, and no value is used again")
  void countsBeforeItSends() throws Exception {
    try (FakeServer server = new FakeServer(manners)) {
      enrol(server);
      List<Long> onDisk = new ArrayList<>();
      manners.answers =
          connection -> {
            onDisk.add(counter());
            connection.abort(); // cut between the message and its answer
            return false;
          };
      assertThatThrownBy(() -> whoami(server)).isInstanceOf(ConnectionLostException.class);
      assertThat(onDisk).containsExactly(1L);
      manners.answers = connection -> true;
      assertThat(whoami(server).mechanism()).isEqualTo(PLUS);
      assertThat(server.keys.counters).containsExactly(1L); // 0 was lost on its way
    }
  }

  @Test
  void sendsNothingWhereItCannotCount() throws Exception {
    try (FakeServer server = new FakeServer(manners)) {
      enrol(server);
      server.received.clear();
      HomeFiles.makeUnlockable(home.folder());
      assertThatThrownBy(() -> whoami(server)).hasMessageContaining("cannot be written");
      assertThat(named(server, "authenticate")).isEmpty();
      assertThat(counter()).isZero();
    }
  }

  @Test
  @Spec(doc = "latchkey", section = "30.L", rule = "a value that is not on disk is not sent")
  void sendsNoValueThatItCannotWriteDown() throws Exception {
    manners.version = Optional.of("v1");
    try (FakeServer server = new FakeServer(manners)) {
      enrol(server);
      var _ = whoami(server);
      server.received.clear();
      HomeFiles.makeUnwritable(home.folder().resolve(ClientKeyFile.NAME));
      assertThatThrownBy(() -> whoami(server))
          .hasMessageContaining(ClientKeyFile.NAME + " cannot be written");
      assertThat(named(server, "authenticate")).isEmpty();
      assertThat(counter()).isEqualTo(1);
    }
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 56", rule = "one counter, by whatever name it is read")
  void countsInTheFileThatALinkLeadsTo() throws Exception {
    try (FakeServer server = new FakeServer(manners)) {
      enrol(server);
      Path named = home.folder().resolve(ClientKeyFile.NAME);
      Path other = Files.createDirectory(folder.resolve("other"));
      Path file = Files.move(named, other.resolve(ClientKeyFile.NAME));
      Files.createSymbolicLink(named, file);
      var _ = whoami(server);
      var _ = whoami(server, DeviceHome.at(other));
      var _ = whoami(server);
      assertThat(server.keys.counters).containsExactly(0L, 1L, 2L);
    }
  }

  /// A world in which time passes only where the kit pauses.
  private ClientEnvironment environment(FakeServer server, Duration patience, Pause pause) {
    return new ClientEnvironment(
        name -> List.of(),
        new java.security.SecureRandom(),
        new ManualClock(),
        Ticker.ofThisMachine(),
        pause,
        patience,
        Optional.of(server.loops()));
  }

  @Test
  void waitsForAnotherProgramNoLongerThanItsPatience() throws Exception {
    List<Duration> pauses = new ArrayList<>();
    try (FakeServer server = new FakeServer(manners)) {
      enrol(server);
      server.received.clear();
      ClientEnvironment environment = environment(server, Duration.ofSeconds(5), pauses::add);
      SignIn signIn = LatchkeyClient.open(home).in(environment);
      try (HomeLock _ = home.lock(environment)) {
        assertThatThrownBy(signIn::connect)
            .isInstanceOf(ConnectionLostException.class)
            .hasMessage("another program signs in from " + home.folder());
        assertThat(pauses.stream().reduce(Duration.ZERO, Duration::plus))
            .isEqualTo(Duration.ofSeconds(5));
      }
      assertThat(named(server, "authenticate")).isEmpty();
      try (LatchkeyClient client = signIn.connect()) {
        assertThat(client.whoami().mechanism()).isEqualTo(PLUS);
      }
    }
  }

  @Test
  void takesTheHomeOnlyOnceAServerIsReached() throws Exception {
    List<Duration> pauses = new ArrayList<>();
    try (FakeServer server = new FakeServer(manners)) {
      enrol(server);
      server.stopListening();
      ClientEnvironment environment = environment(server, Duration.ofSeconds(5), pauses::add);
      SignIn signIn = LatchkeyClient.open(home).in(environment);
      try (HomeLock _ = home.lock(environment)) {
        assertThatThrownBy(signIn::connect).hasMessageContaining("Is it running?");
      }
      assertThat(pauses).as("it has nobody to wait for").isEmpty();
    }
  }

  @Test
  void closeDoesNotWaitForAnotherProgram() throws Exception {
    manners.managed = true;
    manners.session =
        session -> {
          var _ = session.next();
          session.connection().abort();
        };
    BlockingQueue<Thread> reading = new LinkedBlockingQueue<>();
    try (FakeServer server = new FakeServer(manners)) {
      enrol(server);
      ClientEnvironment environment = environment(server, Duration.ofDays(1), wait -> {});
      LatchkeyClient client =
          LatchkeyClient.open(home)
              .in(environment)
              .stay(
                  Staying.forever()
                      .telling(
                          event -> {
                            if (event instanceof ConnectionEvent.TryingAgain) {
                              reading.add(Thread.currentThread());
                            }
                          }));
      try (HomeLock _ = home.lock(environment)) {
        client.goOnline();
        Thread reader = reading.take();
        client.close();
        assertThat(reader.join(Duration.ofSeconds(20))).isTrue();
      }
    }
  }

  @Test
  @Spec(doc = "latchkey", section = "30.L", rule = "no value is used twice, whoever signs in")
  void manyAtOnceNeverUseOneValueTwice() throws Exception {
    int many = 8;
    try (FakeServer server = new FakeServer(manners);
        ExecutorService threads = Executors.newFixedThreadPool(many)) {
      enrol(server);
      List<Future<WhoAmI>> signedIn = new ArrayList<>();
      for (int i = 0; i < many; i++) {
        // As from as many programs: each with a home of its own in the same folder.
        signedIn.add(threads.submit(() -> whoami(server, DeviceHome.at(home.folder()))));
      }
      for (Future<WhoAmI> one : signedIn) {
        assertThat(one.get().mechanism()).isEqualTo(PLUS);
      }
      assertThat(server.keys.counters)
          .containsExactlyInAnyOrderElementsOf(LongStream.range(0, many).boxed().toList());
    }
  }

  @Test
  void enrolsWithAKeyOfBothSides() throws Exception {
    try (FakeServer server = new FakeServer(manners)) {
      DeviceAccount account = enrol(server).account();
      assertThat(account).isEqualTo(home.account());
      assertThat(account.kind()).isEqualTo(CredentialKind.CLIENT_KEY);
      assertThat(home.pending()).isEmpty();
      WhoAmI who = whoami(server);
      assertThat(who.mechanism()).isEqualTo(PLUS);
      assertThat(who.kind()).contains(CredentialKind.CLIENT_KEY);
      assertThat(who.credential()).contains(new CredentialId("cred-1"));
      assertThat(server.keys.counters).containsExactly(0L);
    }
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 57",
      rule = "after a lost answer the same id and key are registered with the same code")
  void registersTheSameKeyAgainAfterALostAnswer() throws Exception {
    manners.losesAnswer = true;
    try (FakeServer server = new FakeServer(manners)) {
      assertThatThrownBy(() -> enrol(server)).isInstanceOf(ConnectionLostException.class);
      manners.losesAnswer = false;
      assertThat(enrol(server).retried()).isTrue();
      assertThat(
              named(server, "next").stream()
                  .map(next -> next.child("register", Namespaces.CLIENT_KEY).orElseThrow())
                  .distinct())
          .hasSize(1);
      assertThat(whoami(server).mechanism()).isEqualTo(PLUS);
    }
  }

  @Test
  @Spec(doc = "XEP-0509", section = "3", rule = "who knows the offer signs in at once")
  void signsInInOneFlight() throws Exception {
    manners.version = Optional.of("v1");
    try (FakeServer server = new FakeServer(manners)) {
      enrol(server);
      var _ = whoami(server);
      manners.waitsForTheClient = true;
      assertThat(whoami(server).mechanism()).isEqualTo(PLUS);
      manners.waitsForTheClient = false;
      manners.version = Optional.of("v2");
      assertThat(whoami(server).mechanism()).isEqualTo(PLUS);
      assertThat(server.keys.counters).containsExactly(0L, 1L, 3L); // 2 went with the old offer
    }
  }

  private List<Boolean> sentAhead(FakeServer server) {
    return named(server, "authenticate").stream()
        .map(it -> it.child("config-version", Namespaces.PIPELINING).isPresent())
        .toList();
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "client-key.md, 5.2",
      rule = "after a value that was not answered, the next one waits for the server")
  void sendsNoValueAheadAfterOneThatWasNotAnswered() throws Exception {
    manners.version = Optional.of("v1");
    try (FakeServer server = new FakeServer(manners)) {
      enrol(server);
      var _ = whoami(server);
      manners.answers =
          connection -> {
            connection.abort();
            return false;
          };
      server.received.clear();
      assertThatThrownBy(() -> whoami(server)).isInstanceOf(ConnectionLostException.class);
      assertThatThrownBy(() -> whoami(server)).isInstanceOf(ConnectionLostException.class);
      assertThat(sentAhead(server)).containsExactly(true, false);
      manners.answers = connection -> true;
      var _ = whoami(server);
      var _ = whoami(server);
      assertThat(sentAhead(server)).containsExactly(true, false, false, true);
      assertThat(server.keys.counters).containsExactly(0L, 3L, 4L);
    }
  }

  @Test
  void usesUpOneValueHoweverOftenItsFirstFlightIsCut() throws Exception {
    manners.version = Optional.of("v1");
    AtomicBoolean cuts = new AtomicBoolean();
    manners.between =
        connection -> {
          if (cuts.get()) {
            connection.abort();
          }
        };
    try (FakeServer server = new FakeServer(manners)) {
      enrol(server);
      var _ = whoami(server);
      cuts.set(true);
      for (int i = 0; i < 70; i++) {
        assertThatThrownBy(() -> whoami(server)).isInstanceOf(ConnectionLostException.class);
      }
      cuts.set(false);
      assertThat(counter()).isEqualTo(2);
      assertThat(whoami(server).mechanism()).isEqualTo(PLUS);
    }
  }

  @Test
  void sendsAheadAgainOnceTheServerHasRefusedAValue() throws Exception {
    manners.version = Optional.of("v1");
    try (FakeServer server = new FakeServer(manners)) {
      enrol(server);
      var _ = whoami(server);
      server.received.clear();
      manners.version = Optional.of("v2"); // this is an answer: it is still there
      var _ = whoami(server);
      var _ = whoami(server);
      assertThat(sentAhead(server)).containsExactly(true, false, true);
    }
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "client-key.md, 5.2",
      rule = "who has lost 64 in a row is out, so a client that fails again and again waits longer")
  void spendsNoMoreThanAFewValuesByItself() throws Exception {
    manners.managed = true;
    manners.session =
        session -> {
          var _ = session.next();
          session.connection().abort();
        };
    List<Duration> pauses = new CopyOnWriteArrayList<>();
    try (FakeServer server = new FakeServer(manners)) {
      enrol(server);
      try (LatchkeyClient client =
          LatchkeyClient.open(home)
              .in(environment(server, Duration.ofSeconds(20), pauses::add))
              .stay(Staying.forever())) {
        manners.breaksDown();
        client.goOnline();
        assertThat(client.awaitEnd(Duration.ofSeconds(20)).orElseThrow())
            .hasMessageContaining("the last 16 values")
            .hasMessageContaining("whoami");
      }
      assertThat(home.clientKey().read().spent()).isEqualTo(Thrift.MOST);
      assertThat(pauses.getLast()).isBetween(Duration.ofMinutes(30), Duration.ofHours(1));
      assertThat(pauses.stream().filter(wait -> wait.compareTo(Backoff.LONGEST_BOUND) > 0))
          .as("longer and longer")
          .hasSizeGreaterThan(8);
      assertThatThrownBy(
              () ->
                  LatchkeyClient.open(home)
                      .in(EnrolmentIT.environment(server))
                      .stay(Staying.forever()))
          .as("what is started again by itself does not either")
          .hasMessageContaining("the last 16 values");

      manners.answers = connection -> true;
      assertThat(whoami(server).mechanism()).isEqualTo(PLUS);
      assertThat(home.clientKey().read().spent()).isZero();
      LatchkeyClient.open(home).in(EnrolmentIT.environment(server)).stay(Staying.forever()).close();
    }
  }

  @Test
  void fileThatWasMadeElsewhereIsAnEnrolledDevice() throws Exception {
    try (FakeServer server = new FakeServer(manners)) {
      enrol(server);
      ClientKeyFile.Content content = home.clientKey().read();
      Path carried = folder.resolve("carried.properties");
      ClientKeyFile.make(carried, content.device(), content.key());
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(carried)))
          .isEqualTo("rw-------");
      assertThatThrownBy(() -> ClientKeyFile.make(carried, content.device(), content.key()))
          .hasMessageContaining("is there already");
      DeviceHome other = DeviceHome.at(Files.createDirectory(folder.resolve("other")));
      assertThat(other.isEnrolled()).isFalse();
      Path inside = Files.copy(carried, other.folder().resolve(ClientKeyFile.NAME));
      assertThat(other.account()).isEqualTo(content.device());
      assertThat(whoami(server, other).mechanism()).isEqualTo(PLUS);
      Files.setPosixFilePermissions(inside, PosixFilePermissions.fromString("rw-r--r--"));
      assertThatThrownBy(() -> whoami(server, other)).hasMessageContaining("chmod 600");
    }
  }

  @Test
  void refusesFileThatWasTamperedWith() throws Exception {
    try (FakeServer server = new FakeServer(manners)) {
      enrol(server);
      var _ = whoami(server);
      Path file = home.folder().resolve(ClientKeyFile.NAME);
      String good = Files.readString(file);
      for (String bad :
          List.of(
              good.replace("counter=1", "counter=-1"),
              good.replace("counter=1", ""),
              good.replace("binding=tls-exporter", ""),
              good.replace("mechanism=CLIENT-KEY-PLUS", "mechanism=CLIENT-KEY-MINUS"),
              good.replaceFirst("(?m)^secret=.*$", "secret=AAAA"))) {
        assertThat(bad).isNotEqualTo(good);
        PrivateFiles.write(file, bad.getBytes(StandardCharsets.UTF_8));
        assertThatThrownBy(() -> whoami(server)).hasMessageContaining("is damaged");
      }
    }
  }

  @Test
  void tellsNobodyTheKey() throws Exception {
    try (FakeServer server = new FakeServer(manners)) {
      EnrolledDevice enrolled = enrol(server);
      FakeKeys.Key key = server.keys.registered.getFirst();
      String told = enrolled + " " + home.clientKey().read() + " " + home;
      assertThat(told)
          .doesNotContain(key.secret().toBase64(), key.validationKey().toBase64())
          .doesNotContain(key.secret().toHex(), key.validationKey().toHex());
    }
  }

  @Test
  void refusesFolderOfTwoDevices() throws Exception {
    try (FakeServer server = new FakeServer(manners)) {
      enrol(server);
      ClientKeyFile.Content content = home.clientKey().read();
      DeviceHome other = DeviceHome.at(folder.resolve("other"));
      new Enrolment(server.uri(), other).in(EnrolmentIT.environment(server)).run();
      DeviceAccount second = content.device();
      ClientKeyFile.make(
          other.folder().resolve(ClientKeyFile.NAME),
          new DeviceAccount(
              second.jid(),
              new DeviceId("dev-2"),
              second.kind(),
              second.credential(),
              second.issued(),
              second.notAfter(),
              second.name(),
              second.resource(),
              second.userAgent(),
              second.server(),
              second.pin()),
          content.key());
      assertThatThrownBy(other::account).hasMessageContaining("two devices live here");
    }
  }
}
