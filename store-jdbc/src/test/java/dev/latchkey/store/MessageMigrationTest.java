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
import dev.latchkey.chat.history.Room;
import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.Jid;
import dev.latchkey.testkit.SeededRandom;
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
import java.util.Set;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Databases of older Latchkeys, with messages in them.
final class MessageMigrationTest {
  private static final Instant NOW = Instant.parse("2026-05-06T07:08:09.123456Z");
  private static final AccountId JULIET = new AccountId("acct-juliet");
  private static final AccountId NURSE = new AccountId("acct-nurse");
  private static final Jid ROMEO = Jid.parse("romeo@montague.example/orchard");
  private static final String SHORT = xml("ä1");
  private static final String LONG = xml("ä2, and a good deal more");

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

  private static List<String> bodies(MessageStore messages, AccountId account) {
    ArchiveAnswer.Page page =
        (ArchiveAnswer.Page) messages.archivePage(account, ArchiveQuery.first(9));
    return page.messages().stream().map(ArchivedMessage::message).map(it -> text(it)).toList();
  }

  private static String text(Element message) {
    return message.child("body", Namespaces.CLIENT).orElseThrow().text();
  }
}
