// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.chat.roster.Roster;
import dev.latchkey.chat.roster.RosterChange;
import dev.latchkey.chat.roster.RosterItem;
import dev.latchkey.chat.roster.RosterItemRequest;
import dev.latchkey.chat.roster.RosterStore;
import dev.latchkey.chat.roster.RosterStoreContract;
import dev.latchkey.chat.stanza.PresenceType;
import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.Jid;
import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class JdbcRosterStoreTest extends RosterStoreContract {
  private static final Jid JULIET = Jid.parse("juliet@example.org");

  @TempDir private Path folder;
  private ChatDatabase chat;
  private JdbcRosterStore store;

  @BeforeEach
  void open() {
    chat = new ChatDatabase(folder);
    store = new JdbcRosterStore(chat.database());
  }

  @AfterEach
  void close() {
    chat.close();
  }

  @Override
  protected RosterStore store() {
    return store;
  }

  @Override
  protected AccountId newAccount() {
    return chat.newAccount();
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "design",
      rule = "a row with an address that is none to this version is left out")
  void leavesOutAContactThatItCannotRead() {
    AccountId account = newAccount();
    Jid nurse = Jid.parse("nurse@example.org");
    for (Jid contact : List.of(nurse, JULIET)) {
      RosterItemRequest wish = new RosterItemRequest(contact, "", List.of());
      store.save(account, store.load(account).set(wish, Instant.ofEpochSecond(1)));
    }
    chat.spoil("roster_item", "contact", nurse.toString());

    Roster rest = store.load(account);
    assertThat(rest.all()).extracting(RosterItem::contact).containsExactly(JULIET);
    assertThat(store.save(account, rest.remove(JULIET, Instant.ofEpochSecond(1)))).isTrue();
    assertThat(store.load(account).all()).isEmpty();
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "design",
      rule = "a row with an element that is none to this version is left out")
  void leavesOutARequestThatItCannotRead() {
    AccountId account = newAccount();
    Jid nurse = Jid.parse("nurse@example.org");
    for (Jid contact : List.of(nurse, JULIET)) {
      Element request =
          Element.named("presence", Namespaces.CLIENT)
              .attribute("from", contact.toString())
              .build();
      store.save(
          account,
          store
              .load(account)
              .inbound(PresenceType.SUBSCRIBE, contact, request, Instant.ofEpochSecond(1)));
    }
    chat.spoilElement("roster_item", "request", nurse.toString());

    assertThat(store.load(account).all()).extracting(RosterItem::contact).containsExactly(JULIET);
  }

  @Test
  void whatASessionOfADeletedAccountSavesIsDropped() {
    AccountId account = newAccount();
    chat.delete(account);
    RosterChange change =
        store
            .load(account)
            .set(new RosterItemRequest(JULIET, "", List.of()), Instant.ofEpochSecond(1));
    assertThat(store.save(account, change)).isTrue();
    assertThat(store.load(account)).isEqualTo(Roster.empty());
    assertThat(store.holding(JULIET)).isEmpty();
  }

  @Test
  void ofTwoAtOnceOneIsSavedAndTheOtherToldSo() throws Exception {
    AccountId account = newAccount();
    for (int round = 0; round < 20; round++) {
      Roster before = store.load(account);
      List<Callable<Boolean>> rivals = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        RosterItemRequest wish =
            new RosterItemRequest(JULIET, "named %d %d".formatted(round, i), List.of());
        RosterChange change = before.set(wish, Instant.ofEpochSecond(1));
        rivals.add(() -> store.save(account, change));
      }
      int saved = 0;
      try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
        for (Future<Boolean> end : threads.invokeAll(rivals)) {
          saved += end.get() ? 1 : 0;
        }
      }
      assertThat(saved).isOne();
    }
  }

  @Test
  void findsHoldersByAnIndex() {
    assertThat(chat.plan("SELECT account FROM roster_item WHERE contact = ?", "x"))
        .contains("USING")
        .contains("roster_item_contact");
  }
}
