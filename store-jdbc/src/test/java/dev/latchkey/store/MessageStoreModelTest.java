// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.chat.history.ArchiveAnswer;
import dev.latchkey.chat.history.ArchivePreferences;
import dev.latchkey.chat.history.ArchivePreferences.Standing;
import dev.latchkey.chat.history.ArchiveQuery;
import dev.latchkey.chat.history.ArchivedMessage;
import dev.latchkey.chat.history.Copy;
import dev.latchkey.chat.history.InMemoryMessageStore;
import dev.latchkey.chat.history.Kept;
import dev.latchkey.chat.history.KeptId;
import dev.latchkey.chat.history.MessageStore;
import dev.latchkey.chat.history.OfflineMessage;
import dev.latchkey.chat.history.Room;
import dev.latchkey.credential.Account;
import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.AccountStatus;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Domain;
import dev.latchkey.credential.Jid;
import dev.latchkey.testkit.SeededRandom;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Does the same to the store and to its model, which only has memory, and compares what they tell.
final class MessageStoreModelTest {
  private static final int STEPS = 600;

  /// What is kept is filed only when it must.
  private static final Limits LIMITS = new Limits(1, 256, 1024, Duration.ofDays(1), Duration.ZERO);

  private static final List<String> NAMES =
      List.of("juliet", "nurse", "friar", "paris", "peter", "sampson");

  /// How many accounts the writer knows by heart.
  private static final List<Integer> BY_HEART = List.of(1, 3, 1000);

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

  /// Messages and rooms of whole steps of so many octets fill and exceed each other exactly.
  private static final int STEP_OCTETS = 500;

  private static final List<Long> ARCHIVE_ROOMS =
      List.of(1L, 999L, 1_000L, 4_999L, 5_000L, 20_000L, 60_000L);
  private static final int ALL = 10_000;

  private final SeededRandom random = SeededRandom.announced();

  /// Both stores draw this, one of them many at a time.
  private final RandomGenerator tags = () -> 0x9a9a_9a9a_9a9a_9a9aL;

  private final Model model = new Model();
  private final List<AccountId> living = new ArrayList<>();
  private final List<AccountId> deleted = new ArrayList<>();

  /// All ids there ever were.
  private final Map<AccountId, List<KeptId>> ids = new HashMap<>();

  /// Who is to keep the next message later than any before. The model uses up an id also for what
  /// nobody keeps, and both begin anew for who is forgotten.
  private final Set<AccountId> later = new HashSet<>();

  private Instant latest = Instant.parse("2026-05-06T07:08:09.123456Z");
  private long archivedOctets = one(ARCHIVE_ROOMS);
  private String step = "";

  @TempDir private Path folder;
  private Path file = Path.of("");
  private Arrivals arrivals = new Arrivals();
  private Database database;
  private JdbcMessageStore store;

  /// The model, which knows who is deleted, and notes all ids.
  private final class Model extends InMemoryMessageStore {
    Model() {
      super(tags);
    }

    @Override
    public synchronized Kept keep(Element message, List<Copy> copies, Instant now, Room room) {
      List<Copy> those = copies.stream().filter(copy -> living.contains(copy.owner())).toList();
      Kept kept = super.keep(message, those, now, room);
      for (Copy copy : those) {
        KeptId id = kept.ids().get(copy.owner());
        if (id == null) {
          later.add(copy.owner());
        } else {
          later.remove(copy.owner());
          ids.computeIfAbsent(copy.owner(), _ -> new ArrayList<>()).add(id);
        }
      }
      return kept;
    }

    @Override
    public synchronized boolean undelivered(AccountId account, KeptId archived, Room room) {
      return living.contains(account) && super.undelivered(account, archived, room);
    }

    @Override
    public synchronized void prefer(AccountId account, ArchivePreferences preferences) {
      if (living.contains(account)) {
        super.prefer(account, preferences);
      }
    }
  }

  @BeforeEach
  void begin() {
    open(folder.resolve("test.db"));
    for (String name : NAMES) {
      Account account = newAccount(new AccountJid(name, new Domain("capulet.example")));
      write(sql -> AccountRows.insert(sql, account));
    }
  }

  private interface Writing {
    void run(Sql sql) throws SQLException;
  }

  private void write(Writing writing) {
    database.write(
        sql -> {
          writing.run(sql);
          return true;
        });
  }

  private Account newAccount(AccountJid jid) {
    AccountId id = new AccountId(jid.localpart() + "-" + (living.size() + deleted.size()));
    living.add(id);
    return new Account(id, jid, AccountStatus.ACTIVE, 0, latest);
  }

  private void open(Path found) {
    file = found;
    arrivals = new Arrivals(one(BY_HEART));
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
  void doesWhatAStoreWithNothingButMemoryDoes() throws Exception {
    for (int i = 0; i < STEPS; i++) {
      step = "step " + i + ": ";
      int drawn = random.nextInt(1000);
      if (drawn < 480) {
        doToBoth(keeping(some(List.of(anyone(), anyone()), 2), 0.8));
      } else if (drawn < 560) {
        doToBoth(delivering(anyone()));
      } else if (drawn < 630) {
        doToBoth(lettingWait(anyone()));
      } else if (drawn < 700) {
        doToBoth(clearing(anyone()));
      } else if (drawn < 715) {
        expire();
      } else if (drawn < 720) {
        forget(anyone());
      } else if (drawn < 725) {
        doToBoth(preferring(anyone()));
      } else if (drawn < 733) {
        openAgain(random.nextBoolean());
      } else if (drawn < 743) {
        giveNameAway(one(living));
      } else if (drawn < 753) {
        changeRoom();
      } else if (drawn < 783) {
        doTogether();
      } else {
        look(anyone());
      }
    }
    step = "at the end: ";
    lookAtEverybody();
  }

  /// An account, now and then one that is deleted: its sessions may end later. Some of them do more
  /// than others, so that much happens to them before it is filed.
  private AccountId anyone() {
    return deleted.isEmpty() || random.nextInt(15) > 0
        ? living.get(random.nextInt(random.nextInt(living.size()) + 1))
        : one(deleted);
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

  /// Something that is done to a store, and what it tells then.
  private record Deed(String what, Function<MessageStore, Object> to) {
    static Deed silent(String what, Consumer<MessageStore> to) {
      return new Deed(
          what,
          store -> {
            to.accept(store);
            return "done";
          });
    }
  }

  private void doToBoth(Deed deed) {
    step += deed.what();
    same(deed.to().apply(store), deed.to().apply(model));
  }

  /// @param archived how likely an archive has it
  private Deed keeping(List<AccountId> owners, double archived) {
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
    Room room = room(one(List.of(3, 12, 40)), one(List.of(9_000L, 60_000L)));
    return new Deed(
        "kept %s of %d octets with room %s at %s"
            .formatted(copies, octets(Stream.of(message)), room, now),
        it -> it.keep(message, copies, now, room));
  }

  private Room room(int waiting, long waitingOctets) {
    return new Room(waiting, waitingOctets, archivedOctets);
  }

  private Element message() {
    int length = STEP_OCTETS * one(List.of(1, 1, 1, 1, 1, 2, 6, 24));
    String body =
        Stream.generate(() -> one(LETTERS))
            .limit(random.nextInt(length / 8))
            .collect(Collectors.joining());
    int rest = length - (int) octets(Stream.of(message(body)));
    return message(body + "x".repeat(random.nextInt(10) > 0 ? rest : random.nextInt(rest)));
  }

  private static Element message(String body) {
    return Element.named("message", Namespaces.CLIENT)
        .child(Element.text("body", Namespaces.CLIENT, body))
        .build();
  }

  private List<KeptId> archived(AccountId account) {
    return ((ArchiveAnswer.Page) model.archivePage(account, ArchiveQuery.first(ALL)))
        .messages().stream().map(ArchivedMessage::id).toList();
  }

  /// An id: of a message in an archive, of one that was or is somewhere, or of none.
  private KeptId id(AccountId account, List<KeptId> there) {
    List<KeptId> ever = ids.getOrDefault(random.nextInt(30) > 0 ? account : anyone(), List.of());
    List<KeptId> of = there.isEmpty() || random.nextInt(20) == 0 ? ever : there;
    KeptId id = of.isEmpty() ? new KeptId(random.nextInt(9), 1) : one(of);
    return random.nextInt(60) > 0 ? id : new KeptId(id.micros(), id.tag() + 1);
  }

  private Deed delivering(AccountId account) {
    List<KeptId> waiting =
        model.offline(account, Optional.empty(), ALL).stream().map(OfflineMessage::id).toList();
    List<KeptId> these =
        Stream.generate(() -> id(account, random.nextBoolean() ? waiting : newest(waiting)))
            .limit(random.nextInt(1, 6))
            .toList();
    return Deed.silent(
        "delivered %s to %s".formatted(these, account), it -> it.delivered(account, these));
  }

  /// What may not be filed yet.
  private static List<KeptId> newest(List<KeptId> of) {
    return of.subList(Math.max(0, of.size() - 2), of.size());
  }

  private Deed lettingWait(AccountId account) {
    KeptId id = id(account, archived(account));
    Room room = random.nextBoolean() ? room(1000, 1L << 40) : room(6, 20_000);
    return new Deed(
        "did not deliver %s to %s with room %s".formatted(id, account, room),
        it -> it.undelivered(account, id, room));
  }

  private static Deed clearing(AccountId account) {
    return new Deed("cleared what waits for " + account, it -> it.clearOffline(account));
  }

  private void expire() {
    List<KeptId> archived = archived(anyone());
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
    doToBoth(Deed.silent("forgot " + account, it -> it.forget(account)));
    later.add(account);
    lookAtAll(account);
  }

  private Deed preferring(AccountId account) {
    ArchivePreferences preferences =
        new ArchivePreferences(
            one(List.of(Standing.values())), Set.copyOf(some(PEERS, 3)), Set.copyOf(STRANGERS));
    return Deed.silent(
        "%s preferred %s".formatted(account, preferences), it -> it.prefer(account, preferences));
  }

  private void openAgain(boolean killed) throws IOException {
    if (killed) {
      Path copy = folder.resolve(file.getFileName() + "-"); // as it would be found after a kill
      Files.copy(file, copy);
      Files.copy(log(file), log(copy));
      database.close();
      open(copy);
    } else {
      database.close();
      open(file);
    }
    step += "opened it again%s and ".formatted(killed ? " after it was killed" : "");
    tellRoom();
  }

  private static Path log(Path database) {
    return database.resolveSibling(database.getFileName() + "-wal");
  }

  /// Lets everybody keep something. The store makes room when it files, for as much as it was told
  /// last, and what it was told ends with the process.
  private void tellRoom() {
    doToBoth(keeping(living, 1));
    lookAtEverybody();
  }

  private void changeRoom() {
    lookAtEverybody(); // what was kept before is filed
    archivedOctets = one(ARCHIVE_ROOMS);
    tellRoom();
  }

  /// Deletes an account and makes another of its name.
  private void giveNameAway(AccountId account) {
    step += "deleted %s, ".formatted(account);
    AccountJid jid = database.read(sql -> AccountRows.account(sql, account).orElseThrow()).jid();
    Account next = newAccount(jid);
    write(
        sql -> {
          delete(sql, account);
          AccountRows.insert(sql, next);
        });
    living.remove(account);
    deleted.add(account);
    if (random.nextBoolean()) {
      forget(account);
    } else {
      lookAtAll(account);
    }
  }

  private static void delete(Sql sql, AccountId account) throws SQLException {
    Account known = AccountRows.account(sql, account).orElseThrow();
    AccountRows.update(sql, known.withStatus(AccountStatus.DELETED));
  }

  /// Does several things in one transaction, in which others may fail. Each is for another account,
  /// so that it does not matter which is first.
  private void doTogether() throws Exception {
    List<AccountId> accounts = new ArrayList<>(living);
    Collections.shuffle(accounts, random);
    List<Runnable> work = new ArrayList<>();
    for (AccountId account : accounts.subList(0, random.nextInt(4))) {
      Deed deed =
          switch (random.nextInt(5)) {
            case 0 -> delivering(account);
            case 1 -> lettingWait(account);
            default -> keeping(List.of(account), 0.8);
          };
      step += deed.what() + ", ";
      work.add(() -> same(deed.to().apply(store), deed.to().apply(model)));
    }
    for (int i = random.nextInt(3); i > 0; i--) {
      work.add(failing(one(living)));
    }
    Collections.shuffle(work, random);
    Together.run(database, work);
  }

  /// Work that fails when something is done already.
  private Runnable failing(AccountId account) {
    Bytes stanza = Bytes.utf8(message().toXml());
    List<Copy> copies = List.of(new Copy(account, one(PEERS), true, true));
    Instant ahead = latest.plusSeconds(1_000);
    Room room = room(1000, 1L << 40);
    KeptId id = id(account, archived(account));
    Writing undone =
        one(
            List.of(
                sql -> arrivals.keep(sql, stanza, copies, ahead, room, new Tags(tags)),
                sql -> arrivals.delivered(sql, account, id),
                arrivals::file,
                sql -> delete(sql, account)));
    step += "failed to do something to %s, ".formatted(account);
    return () ->
        assertThatThrownBy(
                () ->
                    write(
                        sql -> {
                          undone.run(sql);
                          throw new IllegalStateException("a bug");
                        }))
            .hasMessage("a bug");
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

  private void lookAtEverybody() {
    living.forEach(this::lookAtAll);
    deleted.forEach(this::lookAtAll);
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
