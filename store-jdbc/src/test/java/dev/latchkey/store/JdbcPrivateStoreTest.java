// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.chat.storage.PrivateStore;
import dev.latchkey.chat.storage.PrivateStoreContract;
import dev.latchkey.credential.AccountId;
import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Element;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class JdbcPrivateStoreTest extends PrivateStoreContract {
  @TempDir private Path folder;
  private ChatDatabase chat;
  private JdbcPrivateStore store;

  @BeforeEach
  void open() {
    chat = new ChatDatabase(folder);
    store = new JdbcPrivateStore(chat.database());
  }

  @AfterEach
  void close() {
    chat.close();
  }

  @Override
  protected PrivateStore store() {
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
      rule = "a row with an element that is none to this version is left out")
  void leavesOutAnElementThatItCannotRead() {
    AccountId account = newAccount();
    Element sound = Element.text("a", "urn:example", "x");
    store.put(account, List.of(sound, Element.text("b", "urn:example", "spoil")), 3);
    chat.spoilElement("private_element", "xml", "spoil");

    assertThat(store.find(account, "a", "urn:example")).contains(sound);
    assertThat(store.find(account, "b", "urn:example")).isEmpty();
  }

  @Test
  void whatASessionOfADeletedAccountPutsIsDropped() {
    AccountId account = newAccount();
    chat.delete(account);
    assertThat(store.put(account, List.of(Element.text("a", "urn:example", "x")), 3)).isTrue();
    assertThat(store.find(account, "a", "urn:example")).isEmpty();
  }
}
