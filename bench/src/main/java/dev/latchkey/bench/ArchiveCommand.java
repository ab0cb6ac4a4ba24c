// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.bench;

import dev.latchkey.chat.history.ArchiveRequests;
import dev.latchkey.chat.history.Copy;
import dev.latchkey.chat.history.KeptId;
import dev.latchkey.chat.history.MessageStore;
import dev.latchkey.chat.history.Room;
import dev.latchkey.chat.stanza.Iq;
import dev.latchkey.credential.Account;
import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.AccountStatus;
import dev.latchkey.credential.AesGcmSealer;
import dev.latchkey.credential.CredentialChange;
import dev.latchkey.credential.Jid;
import dev.latchkey.store.JdbcCredentialStore;
import dev.latchkey.store.folder.DataFolder;
import dev.latchkey.store.folder.MasterKeyFile;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import dev.latchkey.wire.framing.WrittenElement;
import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `./latchkey bench archive`: queries of a long archive, from the request to the answer's XML.
@Command(
    name = "archive",
    description = {
      "Measures queries of an archive on disk: from the request as it was read to the answer as it"
          + " is sent, without the network.",
      "The bar is 5 ms for a page of 50 messages; what is held against it is the 99th percentile."
    },
    mixinStandardHelpOptions = true)
final class ArchiveCommand implements Callable<Integer> {
  /// So many messages are being kept at a time, so that they share transactions.
  private static final int WRITERS = 256;

  /// So often each query is warmed up at most.
  private static final int MOST_WARM_UPS = 20;

  /// As long as the compiler works more than this part of the time, it is not warm.
  private static final int QUIET = 20;

  /// With so many people the owner writes, each as much as the others.
  private static final int PEERS = 100;

  private static final int PAGE = 50;

  /// The messages are so far apart.
  private static final Duration APART = Duration.ofSeconds(30);

  private static final Instant BEGIN = Instant.parse("2020-01-01T00:00:00Z");
  private static final AccountJid OWNER = AccountJid.parse("nina@localhost");
  private static final AccountId ACCOUNT = new AccountId("acct-bench");

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--messages",
      defaultValue = "1000000",
      description = "how many messages are in the archive (1000000)")
  private int messages;

  @Option(
      names = "--rounds",
      defaultValue = "500",
      description =
          "how often each query is measured (500), after as many to warm up, until Java's compiler"
              + " is quiet")
  private int rounds;

  @Mixin private Output output = new Output();

  @Override
  public Integer call() throws Exception {
    if (messages < 1000 || messages > 100_000_000) {
      throw new ParameterException(spec.commandLine(), "--messages is 1000 to 100000000");
    }
    if (rounds < 1 || rounds > 1_000_000) {
      throw new ParameterException(spec.commandLine(), "--rounds is 1 to 1000000");
    }
    try (Scratch scratch = Scratch.make()) {
      output.print(measure(scratch.folder().resolve("data")));
      return 0;
    }
  }

  private ArchiveReport measure(Path data) throws Exception {
    SecureRandom random = new SecureRandom();
    Duration filling;
    try (DataFolder folder = DataFolder.open(data)) {
      AesGcmSealer sealer =
          new AesGcmSealer(MasterKeyFile.open(folder.masterKeyFile(), random), random);
      try (JdbcCredentialStore store = JdbcCredentialStore.open(folder, sealer)) {
        output.progress("keeping %d messages ...".formatted(messages));
        store.commit(
            List.of(
                new CredentialChange.PutAccount(
                    new Account(ACCOUNT, OWNER, AccountStatus.ACTIVE, 0, BEGIN))));
        long begun = System.nanoTime();
        fill(store.messages(random));
        filling = Duration.ofNanos(System.nanoTime() - begun);
      }
      try (JdbcCredentialStore store = JdbcCredentialStore.open(folder, sealer)) {
        output.progress("asking ...");
        return new ArchiveReport(
            messages, filling, Files.size(folder.database()), ask(store.messages(random)));
      }
    }
  }

  /// Keeps all, many at a time; the order among those does not matter here.
  private void fill(MessageStore store) throws Exception {
    AtomicInteger next = new AtomicInteger();
    try (ExecutorService writers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < WRITERS; i++) {
        all.add(
            writers.submit(
                () -> {
                  for (int n = next.getAndIncrement(); n < messages; n = next.getAndIncrement()) {
                    keep(store, n);
                  }
                }));
      }
      for (Future<?> writer : all) {
        writer.get();
      }
    }
  }

  private static Jid peer(int n) {
    return Jid.parse("peer%d@localhost/phone.%d".formatted(n % PEERS, n % PEERS));
  }

  private static void keep(MessageStore store, int n) {
    Jid peer = peer(n);
    boolean received = n % 2 == 0;
    Element message =
        Element.named("message", Namespaces.CLIENT)
            .attribute("from", received ? peer.toString() : OWNER + "/desktop.1234")
            .attribute("to", received ? OWNER.toString() : peer.toString())
            .attribute("type", "chat")
            .attribute("id", "a1b2c3d4-0000-4000-8000-%012d".formatted(n))
            .child(
                Element.text(
                    "body",
                    Namespaces.CLIENT,
                    "The quick brown fox says this for the %dth time".formatted(n)))
            .child("request", "urn:xmpp:receipts")
            .child("markable", "urn:xmpp:chat-markers:0")
            .build();
    var _ =
        store.keep(
            message,
            List.of(new Copy(ACCOUNT, peer, true, false)),
            BEGIN.plus(APART.multipliedBy(n)),
            new Room(0, 0, Long.MAX_VALUE));
  }

  private Map<String, ArchiveReport.Times> ask(MessageStore store) {
    ArchiveRequests requests = new ArchiveRequests(store);
    Instant middle = BEGIN.plus(APART.multipliedBy(messages / 2));
    String within =
        field("start", middle.toString())
            + field("end", middle.plus(Duration.ofDays(1)).toString());
    String with = field("with", peer(7).bare().toString());
    KeptId last = store.ends(ACCOUNT).orElseThrow().last();
    Map<String, String> queries = new LinkedHashMap<>();
    queries.put("last page", query("", rsm("<before/>")));
    queries.put("last page with somebody", query(with, rsm("<before/>")));
    queries.put(
        "last page with one of their devices",
        query(field("with", peer(7).toString()), rsm("<before/>")));
    queries.put("last page of a day", query(within, rsm("<before/>")));
    queries.put("last page of a day with somebody", query(with + within, rsm("<before/>")));
    queries.put("page before the newest", query("", rsm("<before>" + last.text() + "</before>")));
    queries.put("first page", query("", rsm("")));
    queries.put("with nobody", query(field("with", "nobody@localhost"), rsm("<before/>")));
    queries.put(
        "count", query("", "<set xmlns='http://jabber.org/protocol/rsm'><max>0</max></set>"));
    Map<String, ArchiveReport.Times> all = new LinkedHashMap<>();
    queries.forEach((name, query) -> all.put(name, measure(requests, query)));
    return all;
  }

  private static String field(String name, String value) {
    return "<field var='%s'><value>%s</value></field>".formatted(name, value);
  }

  private static String rsm(String which) {
    return "<set xmlns='http://jabber.org/protocol/rsm'><max>%d</max>%s</set>"
        .formatted(PAGE, which);
  }

  private static String query(String fields, String page) {
    return ("<iq type='set' id='7' from='%s/desktop.1234'><query xmlns='urn:xmpp:mam:2'"
            + " queryid='f27'><x xmlns='jabber:x:data' type='submit'>"
            + "<field var='FORM_TYPE'><value>urn:xmpp:mam:2</value></field>%s</x>%s</query></iq>")
        .formatted(OWNER, fields, page);
  }

  private ArchiveReport.Times measure(ArchiveRequests requests, String query) {
    Iq iq = Iq.read(new WrittenElement().read(query)).orElseThrow();
    long first = time(requests, iq);
    warmUp(requests, iq);
    long[] times = new long[rounds];
    for (int i = 0; i < rounds; i++) {
      times[i] = time(requests, iq);
    }
    Arrays.sort(times);
    return new ArchiveReport.Times(
        requests.answer(iq, ACCOUNT, OWNER).messages().size(),
        first / 1e6,
        Measured.of(times, 0, Duration.ofNanos(Arrays.stream(times).sum()), Duration.ZERO));
  }

  /// Asks until Java's compiler is quiet, which would be measured otherwise; not for ever.
  private void warmUp(ArchiveRequests requests, Iq iq) {
    CompilationMXBean compiler = ManagementFactory.getCompilationMXBean();
    for (int round = 0; round < MOST_WARM_UPS; round++) {
      long begun = System.nanoTime();
      long compiled = compiler.getTotalCompilationTime();
      for (int i = 0; i < rounds; i++) {
        var _ = time(requests, iq);
      }
      long took = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
      if ((compiler.getTotalCompilationTime() - compiled) * QUIET < took) {
        return;
      }
    }
  }

  private static long time(ArchiveRequests requests, Iq iq) {
    long begun = System.nanoTime();
    ArchiveRequests.Answer answer = requests.answer(iq, ACCOUNT, OWNER);
    int length = answer.iq().toXml().length();
    for (Element message : answer.messages()) {
      length += message.toXml().length();
    }
    long took = System.nanoTime() - begun;
    if (answer.iq().attribute("type").filter("result"::equals).isEmpty() || length == 0) {
      throw new IllegalStateException("the query was refused");
    }
    return took;
  }
}
