// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.credential.AccountId;
import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Element;
import dev.latchkey.xmpp.session.HibernatedSession;
import dev.latchkey.xmpp.session.HibernationStore;
import dev.latchkey.xmpp.session.HibernationStoreContract;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class JdbcHibernationStoreTest extends HibernationStoreContract {
  @TempDir private Path folder;
  private ChatDatabase chat;
  private JdbcHibernationStore store;

  @BeforeEach
  void open() {
    chat = new ChatDatabase(folder);
    store = new JdbcHibernationStore(chat.database());
  }

  @AfterEach
  void close() {
    chat.close();
  }

  @Override
  protected HibernationStore store() {
    return store;
  }

  @Override
  protected AccountId newAccount() {
    return chat.newAccount();
  }

  private HibernatedSession withOneStanza() {
    return session(
        "a", new HibernatedSession.Waiting("<message xmlns='jabber:client'/>", Optional.empty()));
  }

  private long stanzas() {
    return chat.database()
        .read(
            sql ->
                sql.first("SELECT count(*) AS n FROM hibernated_stanza", row -> row.number("n"))
                    .orElseThrow());
  }

  @Test
  void sessionsSurviveTheirDatabaseBeingClosed() {
    HibernatedSession session = withOneStanza();
    store.put(List.of(session));
    close();
    chat = new ChatDatabase(folder);

    assertThat(new JdbcHibernationStore(chat.database()).take()).containsExactly(session);
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "design",
      rule = "a row with an element that is none to this version is left out")
  void leavesOutASessionOfWhichItCannotReadAnything() {
    HibernatedSession sound = withOneStanza();
    HibernatedSession stanza =
        session(
            "b",
            new HibernatedSession.Waiting("<message xmlns='jabber:client'/>", Optional.empty()),
            new HibernatedSession.Waiting("<presence id='spoil'/>", Optional.empty()));
    HibernatedSession other = session("c");
    HibernatedSession place =
        new HibernatedSession(
            other.id(),
            other.identity(),
            other.resource(),
            other.longest(),
            other.since(),
            other.handled(),
            other.acknowledged(),
            other.waiting(),
            Element.text("place", "urn:example", "spoil"));
    store.put(List.of(place, stanza, sound));
    chat.spoilElement("hibernated_stanza", "xml", "spoil");
    chat.spoilElement("hibernated_session", "place", "spoil");

    assertThat(store.take()).containsExactly(sound);
    assertThat(store.take()).isEmpty();
  }

  @Test
  void whatWaitedGoesWithItsSession() {
    store.put(List.of(withOneStanza()));
    assertThat(stanzas()).isEqualTo(1);
    assertThat(store.take()).hasSize(1);
    assertThat(stanzas()).isZero();
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 40",
      rule = "The sessions that an older copy of the database brings back are dead")
  void anOlderCopyBringsNoSessionBack() {
    store.put(List.of(withOneStanza()));
    chat.database()
        .write(
            sql -> {
              JdbcHibernationStore.forgetAll(sql);
              return true;
            });

    assertThat(store.take()).isEmpty();
    assertThat(stanzas()).isZero();
  }
}
