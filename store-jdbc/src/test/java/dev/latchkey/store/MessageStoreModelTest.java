// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.chat.history.ArchiveAnswer;
import dev.latchkey.chat.history.ArchivePreferences;
import dev.latchkey.chat.history.ArchivePreferences.Standing;
import dev.latchkey.chat.history.ArchiveQuery;
import dev.latchkey.chat.history.ArchivedMessage;
import dev.latchkey.chat.history.Copy;
import dev.latchkey.chat.history.InMemoryMessageStore;
import dev.latchkey.chat.history.Kept;
import dev.latchkey.chat.history.KeptId;
import dev.latchkey.chat.history.OfflineMessage;
import dev.latchkey.chat.history.Room;
import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.Jid;
import dev.latchkey.testkit.SeededRandom;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Does the same to the store and to its model, which only has memory, and compares what they tell.
final class MessageStoreModelTest {
  private static final int STEPS = 700;

  /// What is kept is filed only when it must.
  private static final Limits LIMITS = new Limits(1, 256, 1024, Duration.ofDays(1), Duration.ZERO);

  private static final List<AccountId> ACCOUNTS =
      Stream.of("juliet", "nurse", "friar").map(AccountId::new).toList();

  private static final List<Jid> PEERS =
      Stream.of(
              "romeo@montague.example",
              "romeo@montague.example/orchard",
              "romeo@montague.example/home/and away",
              "romeo@montague.example.org/orchard",
              "tybalt@capulet.example/straße",
              "montague.example",
              "montague.example/orchard")
          .map(Jid::parse)
          .toList();

  private static final List<Jid> STRANGERS =
      Stream.of("mercutio@verona.example", "romeo@montague.example/tomb", "verona.example")
          .map(Jid::parse)
          .toList();

  private static final List<String> LETTERS =
      List.of("a", "ß", "☃", "😀", "<", "&", "'", "\n", " ");

  /// The store makes room later than the model, for as much as it was told last.
  private static final long ARCHIVED_OCTETS = 80_000;

  private static final Room MOST = new Room(1000, 1L << 40, ARCHIVED_OCTETS);
  private static final int ALL = 10_000;

  private final SeededRandom random = SeededRandom.announced();

  /// Both stores draw this, one of them many at a time.
  private final RandomGenerator tags = () -> 0x9a9a_9a9a_9a9a_9a9aL;

  private final InMemoryMessageStore model = new InMemoryMessageStore(tags);

  /// All ids there ever were.
  private final Map<AccountId, List<KeptId>> ids = new HashMap<>();

  /// Who is to keep the next message later than any before. The model uses up an id also for what
  /// nobody keeps, and both begin anew for who is forgotten.
  private final Set<AccountId> later = new HashSet<>();

  private Instant latest = Instant.parse("2026-05-06T07:08:09.123456Z");
  private String step = "";

  @TempDir private Path folder;
  private Path file = Path.of("");
  private Database database;
  private JdbcMessageStore store;

  @BeforeEach
  void begin() {
    open(folder.resolve("test.db"));
    for (AccountId account : ACCOUNTS) {
      ids.put(account, new ArrayList<>());
      database.write(
          sql ->
              sql.update(
                  "INSERT INTO account (id, localpart, domain, status, version, created)"
                      + " VALUES (?1, ?1, 'capulet.example', 'active', 0, ?2)",
                  account.value(),
                  latest));
    }
  }

  private void open(Path found) {
    file = found;
    Arrivals arrivals = new Arrivals();
    database =
        Database.open(
            file,
            LIMITS,
            List.of(arrivals),
            sql -> {
              arrivals.file(sql);
              return true;
            });
    store = new JdbcMessageStore(database, arrivals, tags);
  }

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void doesWhatAStoreWithNothingButMemoryDoes() throws IOException {
    for (int i = 0; i < STEPS; i++) {
      step = "step " + i + ": ";
      int drawn = random.nextInt(1000);
      if (drawn < 500) {
        keep(some(ACCOUNTS, 1 + random.nextInt(2)), 0.8);
      } else if (drawn < 580) {
        deliver(one(ACCOUNTS));
      } else if (drawn < 650) {
        letWait(one(ACCOUNTS));
      } else if (drawn < 720) {
        clear(one(ACCOUNTS));
      } else if (drawn < 735) {
        expire();
      } else if (drawn < 740) {
        forget(one(ACCOUNTS));
      } else if (drawn < 745) {
        prefer(one(ACCOUNTS));
      } else if (drawn < 753) {
        openAgain(random.nextBoolean());
      } else {
        look(one(ACCOUNTS));
      }
    }
    step = "at the end: ";
    ACCOUNTS.forEach(this::lookAtAll);
  }

  private <T> T one(List<T> of) {
    return of.get(random.nextInt(of.size()));
  }

  private <T> List<T> some(List<T> of, int most) {
    return Stream.generate(() -> one(of)).limit(most).distinct().toList();
  }

  private <T> void same(T found, T expected) {
    assertThat(found).as("%s", step).isEqualTo(expected);
  }

  /// @param archived how likely an archive has it
  private void keep(List<AccountId> owners, double archived) {
    boolean isLater = owners.stream().anyMatch(later::contains) || random.nextInt(5) > 0;
    if (isLater) {
      latest = latest.plusSeconds(random.nextInt(1, 100)).plusNanos(random.nextInt(1_000_000_000));
    }
    Instant now = isLater ? latest : latest.minusSeconds(random.nextInt(200));
    Element message = message();
    List<Copy> copies =
        owners.stream()
            .map(
                owner ->
                    new Copy(
                        owner, one(PEERS), random.nextDouble() < archived, random.nextBoolean()))
            .toList();
    Room room = new Room(one(List.of(3, 12, 40)), one(List.of(9_000L, 60_000L)), ARCHIVED_OCTETS);
    step += "kept %s with room %s at %s".formatted(copies, room, now);
    Kept expected = model.keep(message, copies, now, room);
    same(store.keep(message, copies, now, room), expected);
    for (AccountId owner : owners) {
      KeptId id = expected.ids().get(owner);
      if (id == null) {
        later.add(owner);
      } else {
        later.remove(owner);
        ids.getOrDefault(owner, List.of()).add(id);
      }
    }
  }

  private Element message() {
    int length = random.nextInt(1, one(List.of(2, 200, 200, 200, 200, 200, 3_000, 12_001)));
    StringBuilder body = new StringBuilder();
    while (body.length() < length) {
      body.append(one(LETTERS));
    }
    return Element.named("message", Namespaces.CLIENT)
        .child(Element.text("body", Namespaces.CLIENT, body.toString()))
        .build();
  }

  private List<KeptId> archived(AccountId account) {
    return ((ArchiveAnswer.Page) model.archivePage(account, ArchiveQuery.first(ALL)))
        .messages().stream().map(ArchivedMessage::id).toList();
  }

  /// An id: of a message in an archive, of one that was or is somewhere, or of none.
  private KeptId id(AccountId account, List<KeptId> there) {
    List<KeptId> ever =
        ids.getOrDefault(random.nextInt(30) > 0 ? account : one(ACCOUNTS), List.of());
    List<KeptId> of = there.isEmpty() || random.nextInt(20) == 0 ? ever : there;
    KeptId id = of.isEmpty() ? new KeptId(random.nextInt(9), 1) : one(of);
    return random.nextInt(60) > 0 ? id : new KeptId(id.micros(), id.tag() + 1);
  }

  private void deliver(AccountId account) {
    List<KeptId> waiting =
        model.offline(account, Optional.empty(), ALL).stream().map(OfflineMessage::id).toList();
    List<KeptId> these =
        Stream.generate(() -> id(account, waiting)).limit(random.nextInt(1, 6)).toList();
    step += "delivered %s to %s".formatted(these, account);
    model.delivered(account, these);
    store.delivered(account, these);
  }

  private void letWait(AccountId account) {
    KeptId id = id(account, archived(account));
    Room room = random.nextBoolean() ? MOST : new Room(6, 20_000, ARCHIVED_OCTETS);
    step += "did not deliver %s to %s with room %s".formatted(id, account, room);
    same(store.undelivered(account, id, room), model.undelivered(account, id, room));
  }

  private void clear(AccountId account) {
    step += "cleared what waits for " + account;
    same(store.clearOffline(account), model.clearOffline(account));
  }

  private void expire() {
    List<KeptId> archived = archived(one(ACCOUNTS));
    Instant before =
        archived.isEmpty() ? latest : near(archived.get(random.nextInt(1 + archived.size() / 3)));
    int most = random.nextInt(1, 30);
    step += "let expire what is older than %s, %d at a time".formatted(before, most);
    int expected;
    do {
      expected = model.expire(before, most);
      same(store.expire(before, most), expected);
    } while (expected == most);
  }

  private Instant near(KeptId id) {
    return id.stamp().plusNanos(random.nextInt(-1, 2));
  }

  private void forget(AccountId account) {
    step += "forgot " + account;
    model.forget(account);
    store.forget(account);
    later.add(account);
    lookAtAll(account);
  }

  private void prefer(AccountId account) {
    ArchivePreferences preferences =
        new ArchivePreferences(
            one(List.of(Standing.values())), Set.copyOf(some(PEERS, 3)), Set.copyOf(STRANGERS));
    step += "%s preferred %s".formatted(account, preferences);
    model.prefer(account, preferences);
    store.prefer(account, preferences);
  }

  private void openAgain(boolean killed) throws IOException {
    if (killed) {
      Path copy = folder.resolve(file.getFileName() + "-"); // as it would be found after a kill
      Files.createFile(copy);
      database.copyTo(copy);
      database.close();
      open(copy);
    } else {
      database.close();
      open(file);
    }
    step += "opened it again%s and ".formatted(killed ? " after it was killed" : "");
    keep(ACCOUNTS, 1); // what was too much when it was closed goes with the next
    ACCOUNTS.forEach(this::lookAtAll);
  }

  private void look(AccountId account) {
    int looks = random.nextInt(1, 8);
    String before = step;
    for (int i = 0; i < looks; i++) {
      switch (random.nextInt(8)) {
        case 0 -> {
          step = before + "ends of " + account;
          same(store.ends(account), model.ends(account));
        }
        case 1 -> {
          List<KeptId> ever = ids.getOrDefault(account, List.of());
          Optional<KeptId> after =
              ever.isEmpty() || random.nextBoolean()
                  ? Optional.empty()
                  : Optional.of(
                      ever.get(ever.size() - random.nextInt(1, Math.min(ever.size(), 40) + 1)));
          int most = random.nextInt(1, 9);
          step = before + "%d that wait for %s after %s".formatted(most, account, after);
          same(store.offline(account, after, most), model.offline(account, after, most));
        }
        default -> {
          ArchiveQuery query = query(account);
          step = before + "%s asked %s".formatted(account, query);
          ask(account, query);
        }
      }
    }
  }

  private ArchiveQuery query(AccountId account) {
    List<KeptId> there = archived(account);
    ArchiveQuery.Filter filter =
        new ArchiveQuery.Filter(
            sometimes(2, () -> one(random.nextInt(6) > 0 ? PEERS : STRANGERS)),
            sometimes(5, () -> time(account, there)),
            sometimes(5, () -> time(account, there)),
            sometimes(6, () -> id(account, there)),
            sometimes(6, () -> id(account, there)),
            sometimes(
                    6,
                    () ->
                        Stream.generate(() -> id(account, there))
                            .limit(random.nextInt(1, 10))
                            .toList())
                .orElse(List.of()));
    return new ArchiveQuery(
        filter,
        sometimes(4, () -> id(account, there)),
        sometimes(4, () -> id(account, there)),
        random.nextBoolean(),
        random.nextInt(8));
  }

  private interface Drawing<T> {
    T draw();
  }

  private <T> Optional<T> sometimes(int outOf, Drawing<T> drawing) {
    return random.nextInt(outOf) == 0 ? Optional.of(drawing.draw()) : Optional.empty();
  }

  private Instant time(AccountId account, List<KeptId> there) {
    return random.nextInt(12) == 0
        ? one(List.of(Instant.MIN, Instant.EPOCH, latest, Instant.MAX))
        : near(id(account, there));
  }

  private void ask(AccountId account, ArchiveQuery query) {
    ArchiveAnswer found = store.archivePage(account, query);
    ArchiveAnswer expected = model.archivePage(account, query);
    if (!(found instanceof ArchiveAnswer.Page(var messages, boolean complete, OptionalLong count))
        || !(expected instanceof ArchiveAnswer.Page page)) {
      same(found, expected);
      return;
    }
    same(messages, page.messages());
    same(complete, page.complete());
    if (count.isPresent() || query.most() == 0) {
      // Which others are counted is their own business.
      same(count, count(account, query.filter()));
    }
  }

  private OptionalLong count(AccountId account, ArchiveQuery.Filter filter) {
    return ((ArchiveAnswer.Page) model.archivePage(account, ArchiveQuery.first(0).of(filter)))
        .count();
  }

  private void lookAtAll(AccountId account) {
    ask(account, ArchiveQuery.first(ALL));
    ask(account, ArchiveQuery.last(ALL));
    for (Jid peer : PEERS) {
      ask(account, ArchiveQuery.first(0).of(ArchiveQuery.Filter.with(peer)));
    }
    same(store.ends(account), model.ends(account));
    List<OfflineMessage> waiting = model.offline(account, Optional.empty(), ALL);
    same(store.offline(account, Optional.empty(), ALL), waiting);
    same(store.preferences(account), model.preferences(account));
    ArchiveAnswer.Page archive =
        (ArchiveAnswer.Page) model.archivePage(account, ArchiveQuery.first(ALL));
    same(
        counted(account),
        List.of(
            octets(archive.messages().stream().map(ArchivedMessage::message)),
            (long) waiting.size(),
            octets(waiting.stream().map(OfflineMessage::message))));
  }

  private List<Long> counted(AccountId account) {
    return ChatDatabase.counted(database, account).orElse(List.of(0L, 0L, 0L));
  }

  private static long octets(Stream<Element> messages) {
    return messages
        .mapToLong(message -> message.toXml().getBytes(StandardCharsets.UTF_8).length)
        .sum();
  }
}
