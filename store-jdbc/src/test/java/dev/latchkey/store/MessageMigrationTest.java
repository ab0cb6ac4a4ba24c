// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.chat.history.ArchiveAnswer;
import dev.latchkey.chat.history.ArchiveQuery;
import dev.latchkey.chat.history.ArchivedMessage;
import dev.latchkey.chat.history.Copy;
import dev.latchkey.chat.history.Kept;
import dev.latchkey.chat.history.KeptId;
import dev.latchkey.chat.history.MessageStore;
import dev.latchkey.chat.history.OfflineMessage;
import dev.latchkey.chat.history.Room;
import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.Jid;
import dev.latchkey.testkit.SeededRandom;
import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Databases of older Latchkeys, with messages in them.
final class MessageMigrationTest {
  private static final Instant NOW = Instant.parse("2026-05-06T07:08:09.123456Z");
  private static final AccountId JULIET = new AccountId("acct-juliet");
  private static final AccountId NURSE = new AccountId("acct-nurse");
  private static final AccountId FRIAR = new AccountId("acct-friar");
  private static final Jid ROMEO = Jid.parse("romeo@montague.example/orchard");
  private static final Jid ROMEO_BARE = ROMEO.bare();
  private static final String SHORT = xml("ä1");
  private static final String LONG = xml("ä2, and a good deal more");
  private static final String HUGE = "ä3 ☃ 😀 <&>' and so on ".repeat(600);
  private static final String NEXT = "ä4 " + "é".repeat(5_000);
  private static final String WAITS = "ä5, which only waits";

  private final SeededRandom random = SeededRandom.announced();
  @TempDir private Path temporary;

  private static String xml(String body) {
    return message(body).toXml();
  }

  private static Element message(String body) {
    return Element.named("message", Namespaces.CLIENT)
        .attribute("type", "chat")
        .child(Element.text("body", Namespaces.CLIENT, body))
        .build();
  }

  private static String quoted(String text) {
    return text.replace("'", "''");
  }

  private static long octets(String xml) {
    return xml.getBytes(StandardCharsets.UTF_8).length;
  }

  /// What the tables held from the second version on: two messages archived by both, one of which
  /// waits for Juliet, and one that only waits for her.
  private OpenFolder folder(String version) throws Exception {
    OpenFolder folder = OpenFolder.at(temporary.resolve("data"), random);
    Path database = folder.folder().database();
    Flyway.configure()
        .dataSource("jdbc:sqlite:" + database, null, null)
        .locations("classpath:dev/latchkey/store/migrations")
        .target(version)
        .load()
        .migrate();
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
        Statement statement = connection.createStatement()) {
      for (String row :
          List.of(
              "account (position, id, localpart, domain, status, version, created) VALUES"
                  + " (1, 'acct-juliet', 'juliet', 'capulet.example', 'active', 1,"
                  + "  '2026-01-01T00:00:00.000000000Z'),"
                  + " (2, 'acct-nurse', 'nurse', 'capulet.example', 'active', 1,"
                  + "  '2026-01-01T00:00:00.000000000Z')",
              "history (account, last, standing) VALUES (1, 30, 'always'), (2, 20, 'always')",
              "peer (position, account, jid) VALUES (1, 1, 'romeo@montague.example'),"
                  + " (2, 2, 'romeo@montague.example')",
              "message (position, holders, stanza) VALUES (1, 2, '%s'), (2, 3, '%s'), (3, 1, '%s')"
                  .formatted(quoted(SHORT), quoted(LONG), quoted(LONG)),
              "archive (account, id, tag, message, bare, exact) VALUES"
                  + " (1, 10, 7, 1, 1, 1), (2, 10, 7, 1, 2, 2),"
                  + " (1, 20, 7, 2, 1, 1), (2, 20, 7, 2, 2, 2)",
              "offline (account, id, tag, message) VALUES (1, 20, 7, 2), (1, 30, 7, 3)")) {
        statement.execute("INSERT INTO " + row);
      }
    }
    Files.setPosixFilePermissions(database, PosixFilePermissions.fromString("rw-------"));
    return folder;
  }

  private static List<String> history(OpenFolder folder) throws SQLException {
    try (Sql sql = Database.connect(folder.folder().database(), true)) {
      return sql.list(
          "SELECT account, archived_octets, waiting, waiting_octets FROM history ORDER BY account",
          row ->
              row.number("account")
                  + ": "
                  + row.number("archived_octets")
                  + " archived, "
                  + row.number("waiting")
                  + " waiting, "
                  + row.number("waiting_octets"));
    }
  }

  @Test
  void countsWhatWasKeptBeforeThereWereBounds() throws Exception {
    try (OpenFolder folder = folder("5")) {
      folder.store().close();
      long both = octets(SHORT) + octets(LONG);
      assertThat(history(folder))
          .containsExactly(
              "1: %d archived, 2 waiting, %d".formatted(both, 2 * octets(LONG)),
              "2: %d archived, 0 waiting, 0".formatted(both));
    }
  }

  @Test
  void boundsHoldForWhatWasKeptBeforeThereWereBounds() throws Exception {
    try (OpenFolder folder = folder("5");
        JdbcCredentialStore store = folder.store()) {
      MessageStore messages = store.messages(random);
      Room room = new Room(3, 2 * octets(LONG) + octets(SHORT), 2 * octets(LONG));
      List<Copy> copies = List.of(new Copy(JULIET, ROMEO, false, true));
      Kept crowded = new Kept(Map.of(), Set.of(JULIET));
      assertThat(messages.keep(message("ä2, and a good deal more"), copies, NOW, room))
          .isEqualTo(crowded);
      assertThat(messages.keep(message("ä1"), copies, NOW, room).crowded()).isEmpty();
      assertThat(messages.keep(message("ä1"), copies, NOW, room)).isEqualTo(crowded);
      messages.keep(message("ä2"), List.of(new Copy(NURSE, ROMEO, true, false)), NOW, room);
      assertThat(bodies(messages, NURSE)).containsExactly("ä2, and a good deal more", "ä2");
      assertThat(bodies(messages, JULIET)).containsExactly("ä1", "ä2, and a good deal more");
    }
  }

  @Test
  void messagesFromBeforeThereWereArrivalsStayWhereTheyAre() throws Exception {
    try (OpenFolder folder = folder("10");
        JdbcCredentialStore store = folder.store()) {
      MessageStore messages = store.messages(random);
      Room room = new Room(9, 1L << 40, 1L << 40);
      messages.keep(
          message("new"),
          List.of(new Copy(JULIET, ROMEO, true, true), new Copy(NURSE, ROMEO, true, false)),
          NOW,
          room);
      assertThat(bodies(messages, JULIET)).containsExactly("ä1", "ä2, and a good deal more", "new");
      assertThat(bodies(messages, NURSE)).containsExactly("ä1", "ä2, and a good deal more", "new");
      assertThat(messages.offline(JULIET, Optional.empty(), 9))
          .extracting(waiting -> text(waiting.message()))
          .containsExactly("ä2, and a good deal more", "ä2, and a good deal more", "new");
      messages.clearOffline(JULIET);
      messages.delivered(JULIET, List.of(new KeptId(30, 7)));
      assertThat(messages.offline(JULIET, Optional.empty(), 9)).isEmpty();
      messages.forget(JULIET);
      assertThat(bodies(messages, NURSE)).containsExactly("ä1", "ä2, and a good deal more", "new");
    }
  }

  /// Of the last version whose messages moved one by one, with some that had not moved. One is
  /// archived by Juliet, for whom it waits, and by her nurse; one is archived by Juliet; one only
  /// waits for her; one is archived by the friar, who has nothing else; and one waited for the
  /// nurse until it was delivered.
  private OpenFolder folderWithArrivals() throws Exception {
    OpenFolder folder = folder("15");
    long both = octets(SHORT) + octets(LONG);
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + folder.folder().database());
        Statement statement = connection.createStatement()) {
      for (String change :
          List.of(
              "UPDATE history SET archived_octets = " + both,
              "UPDATE history SET waiting = 2, waiting_octets = %d WHERE account = 1"
                  .formatted(2 * octets(LONG)),
              "INSERT INTO account (position, id, localpart, domain, status, version, created)"
                  + " VALUES (3, 'acct-friar', 'friar', 'capulet.example', 'active', 1,"
                  + " '2026-01-01T00:00:00.000000000Z')",
              "INSERT INTO peer (position, account, jid) VALUES"
                  + " (3, 1, 'romeo@montague.example/orchard'),"
                  + " (4, 2, 'romeo@montague.example/orchard'),"
                  + " (5, 3, 'romeo@montague.example'), (6, 3, 'romeo@montague.example/straße')",
              arrival(11, 11, 1, "40, 7", xml(HUGE), "1, 1, 1, 3, 3"),
              arrival(12, 11, 2, "40, -7", xml(HUGE), "1, 0, 2, 4, NULL"),
              arrival(13, 13, 1, "50, 7", xml(NEXT), "1, 0, 1, 1, 1"),
              arrival(14, 14, 1, "60, -2147483648", xml(WAITS), "0, 1, NULL, NULL, 1"),
              arrival(15, 15, 3, "70, 2147483647", xml(HUGE), "1, 0, 5, 6, 1"),
              arrival(16, 16, 2, "80, 7", xml(WAITS), "0, 0, NULL, NULL, 0"))) {
        statement.execute(change);
      }
    }
    return folder;
  }

  /// @param id with its tag
  /// @param rest archived, waits, bare, exact, holders
  private static String arrival(
      int position, int message, int account, String id, String xml, String rest) {
    return """
    INSERT INTO arrival (position, message, account, id, octets, tag, archived, waits, bare,
      exact, holders, stanza)
    SELECT %d, %d, %d, column1, %d, column2, column3, column4, column5, column6, column7, %s
    FROM (VALUES (%s, %s))
    """
        .formatted(
            position,
            message,
            account,
            octets(xml),
            position == message ? "'" + quoted(xml) + "'" : "NULL",
            id,
            rest);
  }

  @Test
  void whatHadNotMovedIsFiledWithAllElse() throws Exception {
    try (OpenFolder folder = folderWithArrivals()) {
      try (JdbcCredentialStore store = folder.store()) {
        MessageStore messages = store.messages(random);
        assertThat(archived(messages, JULIET, ArchiveQuery.first(9)))
            .containsExactly(
                archivedAs(10, 7, "ä1"),
                archivedAs(20, 7, "ä2, and a good deal more"),
                archivedAs(40, 7, HUGE),
                archivedAs(50, 7, NEXT));
        assertThat(archived(messages, NURSE, ArchiveQuery.first(9)))
            .containsExactly(
                archivedAs(10, 7, "ä1"),
                archivedAs(20, 7, "ä2, and a good deal more"),
                archivedAs(40, -7, HUGE));
        assertThat(archived(messages, FRIAR, ArchiveQuery.last(9)))
            .containsExactly(archivedAs(70, Integer.MAX_VALUE, HUGE));
        assertThat(messages.offline(JULIET, Optional.empty(), 9))
            .containsExactly(
                new OfflineMessage(new KeptId(20, 7), true, message("ä2, and a good deal more")),
                new OfflineMessage(new KeptId(30, 7), false, message("ä2, and a good deal more")),
                new OfflineMessage(new KeptId(40, 7), true, message(HUGE)),
                new OfflineMessage(new KeptId(60, Integer.MIN_VALUE), false, message(WAITS)));
        assertThat(messages.offline(NURSE, Optional.empty(), 9)).isEmpty();
      }
      long both = octets(SHORT) + octets(LONG);
      long huge = octets(xml(HUGE));
      assertThat(history(folder))
          .containsExactly(
              "1: %d archived, 4 waiting, %d"
                  .formatted(
                      both + huge + octets(xml(NEXT)),
                      2 * octets(LONG) + huge + octets(xml(WAITS))),
              "2: %d archived, 0 waiting, 0".formatted(both + huge),
              "3: %d archived, 0 waiting, 0".formatted(huge));
    }
  }

  private static ArchivedMessage archivedAs(long micros, int tag, String body) {
    return new ArchivedMessage(new KeptId(micros, tag), message(body));
  }

  private static List<ArchivedMessage> archived(
      MessageStore messages, AccountId account, ArchiveQuery query) {
    return ((ArchiveAnswer.Page) messages.archivePage(account, query)).messages();
  }

  @Test
  @Spec(
      doc = "XEP-0313",
      section = "4.1.1",
      rule = "a bare JID means all its resources, a full one only itself")
  void findsAndCountsByBareAndByFullJidWhatWasKeptBefore() throws Exception {
    Jid street = Jid.parse("romeo@montague.example/straße");
    Jid nobody = Jid.parse("romeo@montague.example/tomb");
    try (OpenFolder folder = folderWithArrivals();
        JdbcCredentialStore store = folder.store()) {
      MessageStore messages = store.messages(random);
      assertThat(micros(messages, JULIET, ROMEO_BARE)).containsExactly(10L, 20L, 40L, 50L);
      assertThat(micros(messages, JULIET, ROMEO)).containsExactly(40L);
      assertThat(micros(messages, JULIET, street)).isEmpty();
      assertThat(micros(messages, NURSE, ROMEO_BARE)).containsExactly(10L, 20L, 40L);
      assertThat(micros(messages, NURSE, ROMEO)).containsExactly(40L);
      assertThat(micros(messages, FRIAR, ROMEO_BARE)).containsExactly(70L);
      assertThat(micros(messages, FRIAR, street)).containsExactly(70L);
      assertThat(micros(messages, FRIAR, nobody)).isEmpty();
    }
  }

  /// The ids of all messages with somebody, which are as many as are counted.
  private static List<Long> micros(MessageStore messages, AccountId account, Jid with) {
    ArchiveQuery.Filter filter = ArchiveQuery.Filter.with(with);
    List<ArchivedMessage> found = archived(messages, account, ArchiveQuery.first(9).of(filter));
    ArchiveQuery count = ArchiveQuery.first(0).of(filter);
    assertThat(messages.archivePage(account, count))
        .isEqualTo(
            new ArchiveAnswer.Page(List.of(), found.isEmpty(), OptionalLong.of(found.size())));
    return found.stream().map(message -> message.id().micros()).toList();
  }

  @Test
  void noIdIsUsedAgainThatHadNotMoved() throws Exception {
    Room room = new Room(9, 1L << 40, 1L << 40);
    try (OpenFolder folder = folderWithArrivals();
        JdbcCredentialStore store = folder.store()) {
      MessageStore messages = store.messages(random);
      Kept kept =
          messages.keep(
              message("new"),
              List.of(
                  new Copy(JULIET, ROMEO, true, true),
                  new Copy(NURSE, ROMEO, true, false),
                  new Copy(FRIAR, ROMEO, true, false)),
              Instant.EPOCH,
              room);
      assertThat(kept.ids())
          .hasEntrySatisfying(JULIET, id -> assertThat(id.micros()).isEqualTo(61))
          .hasEntrySatisfying(NURSE, id -> assertThat(id.micros()).isEqualTo(81))
          .hasEntrySatisfying(FRIAR, id -> assertThat(id.micros()).isEqualTo(71));
      assertThat(bodies(messages, JULIET))
          .containsExactly("ä1", "ä2, and a good deal more", HUGE, NEXT, "new");
    }
  }

  @Test
  void whoIsForgottenTakesNothingOfOthersAlong() throws Exception {
    try (OpenFolder folder = folderWithArrivals()) {
      try (JdbcCredentialStore store = folder.store()) {
        MessageStore messages = store.messages(random);
        messages.forget(JULIET);
        assertThat(messages.ends(JULIET)).isEmpty();
        assertThat(messages.offline(JULIET, Optional.empty(), 9)).isEmpty();
        assertThat(micros(messages, JULIET, ROMEO_BARE)).isEmpty();
        assertThat(bodies(messages, NURSE)).containsExactly("ä1", "ä2, and a good deal more", HUGE);
        assertThat(micros(messages, NURSE, ROMEO)).containsExactly(40L);
        assertThat(bodies(messages, FRIAR)).containsExactly(HUGE);
      }
      long both = octets(SHORT) + octets(LONG);
      assertThat(history(folder))
          .containsExactly(
              "2: %d archived, 0 waiting, 0".formatted(both + octets(xml(HUGE))),
              "3: %d archived, 0 waiting, 0".formatted(octets(xml(HUGE))));
    }
  }

  private static List<String> bodies(MessageStore messages, AccountId account) {
    ArchiveAnswer.Page page =
        (ArchiveAnswer.Page) messages.archivePage(account, ArchiveQuery.first(9));
    return page.messages().stream().map(ArchivedMessage::message).map(it -> text(it)).toList();
  }

  private static String text(Element message) {
    return message.child("body", Namespaces.CLIENT).orElseThrow().text();
  }
}
