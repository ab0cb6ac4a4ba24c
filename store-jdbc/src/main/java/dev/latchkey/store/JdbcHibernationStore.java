// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import dev.latchkey.chat.history.KeptId;
import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.DeviceId;
import dev.latchkey.credential.Domain;
import dev.latchkey.credential.Resource;
import dev.latchkey.wire.management.StanzaCount;
import dev.latchkey.xmpp.session.HibernatedSession;
import dev.latchkey.xmpp.session.HibernationStore;
import dev.latchkey.xmpp.session.Receipt;
import dev.latchkey.xmpp.session.SessionIdentity;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Sessions that sleep while the server is stopped, in the database. Thread-safe.
final class JdbcHibernationStore implements HibernationStore {
  private final Database database;

  JdbcHibernationStore(Database database) {
    this.database = database;
  }

  @Override
  public void put(List<HibernatedSession> sessions) {
    List<HibernatedSession> these = List.copyOf(sessions);
    database.write(
        sql -> {
          for (HibernatedSession session : these) {
            put(sql, session);
          }
          return true;
        });
  }

  private static void put(Sql sql, HibernatedSession session) throws SQLException {
    SessionIdentity identity = session.identity();
    long position =
        sql.first(
                """
                INSERT INTO hibernated_session
                  (id, account, localpart, domain, device, generation, credential, mechanism,
                   resource, longest, since, handled, acknowledged, place)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING position
                """,
                row -> row.number("position"),
                session.id(),
                identity.account().value(),
                identity.jid().localpart(),
                identity.jid().domain().name(),
                identity.device().value(),
                identity.generation(),
                identity.credential().map(CredentialId::value),
                identity.mechanism(),
                session.resource().name(),
                session.longest().toSeconds(),
                session.since(),
                session.handled().bits(),
                session.acknowledged().bits(),
                session.place().toXml())
            .orElseThrow();
    for (HibernatedSession.Waiting stanza : session.waiting()) {
      Optional<Receipt> receipt = stanza.receipt();
      sql.update(
          "INSERT INTO hibernated_stanza (session, xml, receipt, archived, waiting, alone)"
              + " VALUES (?, ?, ?, ?, ?, ?)",
          position,
          stanza.xml(),
          receipt.isPresent(),
          receipt.flatMap(Receipt::archived).map(KeptId::text),
          receipt.flatMap(Receipt::waiting).map(KeptId::text),
          receipt.map(Receipt::alone).orElse(false));
    }
  }

  @Override
  public List<HibernatedSession> take() {
    return database.write(
        sql -> {
          List<HibernatedSession> sessions = kept(sql);
          forgetAll(sql);
          return sessions;
        });
  }

  /// Also what an older copy of the database brings back: its sessions are dead (rule 40).
  static void forgetAll(Sql sql) throws SQLException {
    sql.update("DELETE FROM hibernated_session");
  }

  private static List<HibernatedSession> kept(Sql sql) throws SQLException {
    KeptElements elements = new KeptElements();
    return sql.list(
        "SELECT * FROM hibernated_session ORDER BY position", row -> kept(sql, row, elements));
  }

  /// A session of which anything cannot be read is left out as a whole: its client counts what is
  /// sent to it, and would not take it.
  private static HibernatedSession kept(Sql sql, Row row, KeptElements elements)
      throws SQLException {
    AccountId account = new AccountId(row.text("account"));
    List<HibernatedSession.Waiting> waiting = waiting(sql, row.number("position"));
    for (HibernatedSession.Waiting stanza : waiting) {
      var _ = elements.read(stanza.xml(), account);
    }
    return new HibernatedSession(
        row.text("id"),
        new SessionIdentity(
            account,
            new AccountJid(row.text("localpart"), new Domain(row.text("domain"))),
            new DeviceId(row.text("device")),
            row.number("generation"),
            row.optionalText("credential").map(CredentialId::new),
            row.text("mechanism")),
        new Resource(row.text("resource")),
        Duration.ofSeconds(row.number("longest")),
        row.time("since"),
        new StanzaCount((int) row.number("handled")),
        new StanzaCount((int) row.number("acknowledged")),
        waiting,
        elements.read(row.text("place"), account));
  }

  private static List<HibernatedSession.Waiting> waiting(Sql sql, long session)
      throws SQLException {
    return sql.list(
        "SELECT xml, receipt, archived, waiting, alone FROM hibernated_stanza"
            + " WHERE session = ? ORDER BY position",
        row ->
            new HibernatedSession.Waiting(
                row.text("xml"),
                row.flag("receipt")
                    ? Optional.of(
                        new Receipt(
                            row.optionalText("archived").flatMap(KeptId::parse),
                            row.optionalText("waiting").flatMap(KeptId::parse),
                            row.flag("alone")))
                    : Optional.empty()),
        session);
  }
}
