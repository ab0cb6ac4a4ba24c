// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.journey;

import static dev.latchkey.cli.journey.RunningServer.NINA;
import static dev.latchkey.cli.journey.RunningServer.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.latchkey.cli.journey.CountingClient.Way;
import dev.latchkey.client.ClientEnvironment;
import dev.latchkey.client.ClientException;
import dev.latchkey.client.DeviceHome;
import dev.latchkey.client.Enrolment;
import dev.latchkey.client.LatchkeyClient;
import dev.latchkey.client.LoginUri;
import dev.latchkey.client.Message;
import dev.latchkey.client.ServerAddress;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Jid;
import dev.latchkey.server.Configuration;
import dev.latchkey.server.admin.AdminClient;
import dev.latchkey.server.admin.JsonLine;
import dev.latchkey.store.DatabaseDump;
import dev.latchkey.testkit.SeededRandom;
import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.management.StanzaCount;
import dev.latchkey.wire.socket.EventLoops;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The server is killed while messages go through it.
class KillUnderLoadIT {
  private static final int SENDERS = 2;

  /// So many messages one sender sends at most.
  private static final int MOST = 2000;

  /// So many where no archive has them: all of them together must be fewer than may wait (1000).
  private static final int MOST_UNARCHIVED = 400;

  private static final Pattern BODY = Pattern.compile("<body>([^<]+)</body>");

  @TempDir Path folder;

  private final SeededRandom random = SeededRandom.announced();
  private final EventLoops loops = EventLoops.start(1);
  private final Queue<String> acknowledged = new ConcurrentLinkedQueue<>();
  private final Queue<String> delivered = new ConcurrentLinkedQueue<>();
  private final Semaphore acknowledgements = new Semaphore(0);

  @AfterEach
  void stop() {
    loops.close();
  }

  @Test
  @Timeout(value = 2, unit = TimeUnit.MINUTES)
  @Spec(
      doc = "latchkey",
      section = "design: what must always hold, 7",
      rule = "Nothing that was acknowledged is lost when the process is killed")
  void everyAcknowledgedMessageSurvivesAKillUnderLoad() throws Exception {
    int enough = 40 + random.nextInt(160);
    try (ServerProcess first = ServerProcess.start(folder, "-")) {
      assertThat(first.serves()).as("%s", first.errors()).isTrue();
      enrol(NINA);
      for (int i = 0; i < SENDERS; i++) {
        enrol(sender(i));
      }
      ServerAddress address = address();
      List<Thread> clients = new ArrayList<>();
      for (int i = 0; i < SENDERS; i++) {
        int number = i;
        SeededRandom own = new SeededRandom(random.nextLong());
        clients.add(Thread.startVirtualThread(() -> send(number, address, own)));
      }
      SeededRandom comings = new SeededRandom(random.nextLong());
      clients.add(Thread.startVirtualThread(() -> comeAndGo(address, comings)));
      // On a machine that is slow there are fewer.
      var _ = acknowledgements.tryAcquire(enough, PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      first.kill();
      for (Thread client : clients) {
        assertThat(client.join(PATIENCE)).as("a client noticed that the server is gone").isTrue();
      }
    }
    List<String> told = List.copyOf(acknowledged);
    assertThat(told).isNotEmpty();

    try (ServerProcess second = ServerProcess.start(folder, "-")) {
      assertThat(second.serves()).as("%s", second.errors()).isTrue();
      catchUp(address());
    }
    assertThat(delivered).as("given to the receiver").containsAll(told);
    Map<String, Integer> times = counted(delivered);
    Map<String, List<String>> archives = archives();
    archives.forEach((owner, bodies) -> assertThat(bodies).as(owner).doesNotHaveDuplicates());
    List<String> receivers = archives.getOrDefault(NINA.localpart(), List.of());
    for (String message : told) {
      String sender = message.substring(0, message.indexOf(' '));
      boolean inBoth =
          receivers.contains(message) && archives.getOrDefault(sender, List.of()).contains(message);
      assertThat(inBoth || times.getOrDefault(message, 0) == 1).as(message).isTrue();
    }
  }

  @Test
  @Timeout(value = 2, unit = TimeUnit.MINUTES)
  @Spec(
      doc = "latchkey",
      section = "design: what must always hold, 7",
      rule = "Nothing that was acknowledged is lost when the process is killed")
  void everyAcknowledgedMessageThatNoArchiveHasSurvivesAKillUnderLoad() throws Exception {
    int enough = 40 + random.nextInt(160);
    Queue<String> live = new ConcurrentLinkedQueue<>();
    try (ServerProcess first = ServerProcess.start(folder, "-")) {
      assertThat(first.serves()).as("%s", first.errors()).isTrue();
      enrol(NINA);
      CountingClient receiver = unarchived(first, NINA);
      receiver.says("<presence xmlns='jabber:client'/>");
      assertThat(receiver.everything()).isNotEmpty();
      List<CountingClient> senders = new ArrayList<>();
      for (int i = 0; i < SENDERS; i++) {
        enrol(sender(i));
        senders.add(unarchived(first, sender(i)));
      }
      List<Thread> clients = new ArrayList<>();
      for (CountingClient sender : senders) {
        SeededRandom own = new SeededRandom(random.nextLong());
        clients.add(Thread.startVirtualThread(() -> sendUnarchived(sender, receiver.jid(), own)));
      }
      // It reads what it is sent, and acknowledges nothing.
      clients.add(
          Thread.startVirtualThread(
              () ->
                  live.addAll(
                      CountingClient.bodiesOf(Peer.untilEnd(receiver.stream()).elements()))));
      var _ = acknowledgements.tryAcquire(enough, PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      first.kill();
      for (Thread client : clients) {
        assertThat(client.join(PATIENCE)).as("a client noticed that the server is gone").isTrue();
      }
    }
    List<String> told = List.copyOf(acknowledged);
    assertThat(told).isNotEmpty();
    assertThat(live).as("handed over before the kill").isNotEmpty();

    try (ServerProcess second = ServerProcess.start(folder, "-")) {
      assertThat(second.serves()).as("%s", second.errors()).isTrue();
      CountingClient back = signedIn(second, NINA, Way.SASL1);
      back.says("<presence xmlns='jabber:client'/>");
      List<String> waited = new ArrayList<>(CountingClient.bodiesOf(back.until(_ -> !waits())));
      waited.addAll(back.bodies());
      assertThat(waited).containsAll(told).doesNotHaveDuplicates();
    }
    assertThat(archives()).isEmpty();
  }

  private CountingClient signedIn(ServerProcess server, AccountJid account, Way way)
      throws Exception {
    return CountingClient.signedIn(
        () -> CountingClient.dial(loops, server, account, home(account)),
        way,
        account,
        account.localpart(),
        CountingClient.enable());
  }

  /// A client of an account whose archive keeps nothing from now on.
  private CountingClient unarchived(ServerProcess server, AccountJid account) throws Exception {
    CountingClient client = signedIn(server, account, Way.SASL2);
    client.says(
        "<iq xmlns='jabber:client' type='set' id='prefs'><prefs xmlns='urn:xmpp:mam:2'"
            + " default='never'><always/><never/></prefs></iq>");
    assertThat(client.everything())
        .singleElement()
        .satisfies(answer -> assertThat(answer.attribute("type")).contains("result"));
    return client;
  }

  /// Sends until the server is gone; the server acknowledges by its count, or by an answer to what
  /// was asked later.
  private void sendUnarchived(CountingClient client, Jid to, SeededRandom own) {
    List<String> open = new ArrayList<>();
    try {
      StanzaCount before = client.asks();
      for (int i = 0; i < MOST_UNARCHIVED; i++) {
        String text = client.jid().bare() + " " + i;
        client.chats(own.nextBoolean() ? to : NINA.jid(), text);
        open.add(text);
        if (own.nextInt(4) == 0) {
          if (own.nextBoolean()) {
            StanzaCount now = client.asks();
            acknowledge(open.subList(0, Math.toIntExact(now.since(before))));
            before = now;
          } else {
            var _ = client.everything();
            acknowledge(open);
            before = client.asks();
          }
        }
      }
    } catch (ClientException expected) {
      assertThat(expected).as("the server is killed").isNotNull();
    }
  }

  /// Takes these off the list of what is not acknowledged.
  private void acknowledge(List<String> told) {
    acknowledged.addAll(told);
    acknowledgements.release(told.size());
    told.clear();
  }

  /// Whether anything waits for anybody.
  private boolean waits() {
    return dump().anyMatch(line -> line.startsWith("arrival ") || line.startsWith("offline "));
  }

  private Stream<String> dump() {
    return DatabaseDump.of(RunningServer.configuration(folder).data().resolve("latchkey.db"))
        .text()
        .lines();
  }

  /// Sends until the server is gone; a ping that is answered acknowledges all before it.
  private void send(int number, ServerAddress address, SeededRandom own) {
    AccountJid sender = sender(number);
    List<String> open = new ArrayList<>();
    try (LatchkeyClient client = client(sender, address)) {
      for (int i = 0; i < MOST; i++) {
        String text = sender.localpart() + " " + i;
        client.send(NINA.jid(), text);
        open.add(text);
        if (own.nextInt(4) == 0) {
          client.ping();
          acknowledge(open);
        }
      }
    } catch (ClientException expected) {
      assertThat(expected).as("the server is killed").isNotNull();
    }
  }

  /// Is there for a while, and away for a while, until the server is gone.
  private void comeAndGo(ServerAddress address, SeededRandom own) {
    try {
      while (true) {
        try (LatchkeyClient client = client(NINA, address)) {
          client.catchUp();
          client.goOnline();
          receive(client, own.nextInt(40), Duration.ofMillis(100));
        }
      }
    } catch (ClientException expected) {
      assertThat(expected).as("the server is killed").isNotNull();
    }
  }

  private void catchUp(ServerAddress address) {
    try (LatchkeyClient client = client(NINA, address)) {
      client.catchUp();
      client.goOnline();
      receive(client, Integer.MAX_VALUE, Duration.ofMillis(500));
    }
  }

  private void receive(LatchkeyClient client, int most, Duration patience) {
    for (int i = 0; i < most; i++) {
      Optional<Message> message = client.receive(patience);
      if (message.isEmpty()) {
        return;
      }
      delivered.add(message.get().body());
      client.shown(message.get());
    }
  }

  private static Map<String, Integer> counted(Collection<String> messages) {
    Map<String, Integer> times = new HashMap<>();
    messages.forEach(message -> times.merge(message, 1, Integer::sum));
    return times;
  }

  /// The texts in each account's archive.
  private Map<String, List<String>> archives() {
    Map<String, String> names = new HashMap<>();
    Map<String, String> bodies = new HashMap<>();
    List<String> lines = dump().toList();
    for (String line : lines) {
      if (line.startsWith("account ")) {
        names.put(value(line, "position"), value(line, "localpart"));
      } else if (line.startsWith("message ")) {
        Matcher body = BODY.matcher(line);
        assertThat(body.find()).as(line).isTrue();
        bodies.put(value(line, "position"), body.group(1));
      }
    }
    Map<String, List<String>> archives = new LinkedHashMap<>();
    for (String line : lines) {
      if (line.startsWith("archive ")) {
        archives
            .computeIfAbsent(
                names.getOrDefault(value(line, "account"), "nobody"), _ -> new ArrayList<>())
            .add(bodies.getOrDefault(value(line, "message"), "a message that is not there"));
      }
    }
    return archives;
  }

  private static String value(String line, String column) {
    Matcher value = Pattern.compile(" " + column + "=(\\S+)").matcher(line + " ");
    assertThat(value.find()).as("%s in %s", column, line).isTrue();
    return value.group(1);
  }

  private static AccountJid sender(int number) {
    return new AccountJid("sender" + number, RunningServer.DOMAIN);
  }

  private LatchkeyClient client(AccountJid account, ServerAddress address) {
    return LatchkeyClient.open(home(account)).server(address).in(environment()).connect();
  }

  private void enrol(AccountJid account) throws Exception {
    var _ = new Enrolment(invite(account), home(account)).name("it").in(environment()).run();
  }

  private ClientEnvironment environment() {
    return ClientEnvironment.ofThisMachine().withPatience(PATIENCE).sharing(loops);
  }

  private DeviceHome home(AccountJid account) {
    return DeviceHome.at(folder.resolve("homes").resolve(account.localpart()));
  }

  private LoginUri invite(AccountJid account) throws Exception {
    Configuration configuration = RunningServer.configuration(folder);
    List<JsonNode> lines = new ArrayList<>();
    new AdminClient(configuration.adminSocket())
        .call(
            new JsonLine().with("command", "invite").with("account", account.toString()),
            lines::add);
    return LoginUri.parse(lines.getFirst().path("uri").asText());
  }

  private ServerAddress address() throws Exception {
    return invite(new AccountJid("address", RunningServer.DOMAIN)).server().orElseThrow();
  }
}
