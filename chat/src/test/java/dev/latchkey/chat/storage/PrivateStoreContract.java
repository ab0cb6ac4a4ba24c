// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.credential.AccountId;
import dev.latchkey.wire.element.Element;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What every [PrivateStore] does.
public abstract class PrivateStoreContract {
  private static final int MOST = 3;

  /// The store under test; empty at first.
  protected abstract PrivateStore store();

  /// An account that is there and keeps nothing.
  protected abstract AccountId newAccount();

  private static Element element(String name, String text) {
    return Element.text(name, "urn:example", text);
  }

  private boolean put(AccountId account, Element... elements) {
    return store().put(account, List.of(elements), MOST);
  }

  @Test
  public void keepsNothingIfThereIsNoRoomForAll() {
    AccountId account = newAccount();
    assertThat(put(account, element("a", "1"), element("b", "1"))).isTrue();
    assertThat(put(account, element("a", "2"), element("c", "2"), element("d", "2"))).isFalse();
    assertThat(store().find(account, "a", "urn:example")).contains(element("a", "1"));
    assertThat(store().find(account, "c", "urn:example")).isEmpty();
    assertThat(put(account, element("a", "3"), element("c", "3"))).isTrue();
    assertThat(put(account, element("a", "4"))).as("what is there has its place").isTrue();
  }

  @Test
  public void theRoomOfOneAccountIsNotThatOfAnother() {
    AccountId account = newAccount();
    assertThat(put(account, element("a", "1"), element("b", "1"), element("c", "1"))).isTrue();
    assertThat(put(newAccount(), element("a", "1"))).isTrue();
  }

  @Test
  public void findsNothingOfAnotherNameNamespaceOrAccount() {
    AccountId account = newAccount();
    assertThat(put(account, element("a", "1"))).isTrue();
    assertThat(store().find(account, "b", "urn:example")).isEmpty();
    assertThat(store().find(account, "a", "urn:other")).isEmpty();
    assertThat(store().find(newAccount(), "a", "urn:example")).isEmpty();
  }

  @Test
  public void keepsAnElementAsItWas() {
    AccountId account = newAccount();
    Element element =
        Element.named("a", "urn:example")
            .attribute("xml:lang", "de")
            .attribute("q", "' \" < & \n")
            .text(" \uD83D\uDE00 & <")
            .child(Element.text("b", "urn:other", "x"))
            .text(" ")
            .build();
    assertThat(put(account, element)).isTrue();
    assertThat(store().find(account, "a", "urn:example")).contains(element);
  }

  @Test
  public void anEmptyElementFreesItsPlace() {
    AccountId account = newAccount();
    assertThat(put(account, element("a", "1"), element("b", "1"), element("c", "1"))).isTrue();
    assertThat(put(account, Element.empty("a", "urn:example"), element("d", "1"))).isTrue();
    assertThat(store().find(account, "a", "urn:example")).isEmpty();
    assertThat(store().find(account, "d", "urn:example")).isPresent();
  }

  @Test
  public void forgetsAnAccountAndNobodyElse() {
    AccountId account = newAccount();
    AccountId other = newAccount();
    assertThat(put(account, element("a", "1"))).isTrue();
    assertThat(put(other, element("a", "1"))).isTrue();
    store().forget(account);
    assertThat(store().find(account, "a", "urn:example")).isEmpty();
    assertThat(store().find(other, "a", "urn:example")).isPresent();
  }
}
