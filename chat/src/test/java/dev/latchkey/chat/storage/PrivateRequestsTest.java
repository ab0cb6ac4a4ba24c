// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.chat.stanza.Iq;
import dev.latchkey.credential.AccountId;
import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrivateRequestsTest {
  private static final AccountId ROMEO = new AccountId("acct-romeo");

  private final PrivateStore store = new InMemoryPrivateStore();
  private final PrivateRequests requests = new PrivateRequests(store);

  static Iq iq(String type, Element payload) {
    return Iq.read(
            Element.named("iq", Namespaces.CLIENT)
                .attribute("type", type)
                .attribute("id", "p1")
                .child(payload)
                .build())
        .orElseThrow();
  }

  static void refuses(String condition, Element reply) {
    assertThat(
            reply
                .child("error", Namespaces.CLIENT)
                .flatMap(error -> error.child(condition, Namespaces.STANZA_ERRORS)))
        .as(condition)
        .isPresent();
    assertThat(reply.children()).as("nothing is echoed").hasSize(1);
  }

  private static Element query(Element... children) {
    return Element.named("query", StorageNamespaces.PRIVATE).children(List.of(children)).build();
  }

  private Element ask(String type, Element... children) {
    return requests.answer(iq(type, query(children)), ROMEO);
  }

  private static Element element(String name, String text) {
    return Element.text(name, "urn:example", text);
  }

  @Test
  @Spec(doc = "XEP-0049", section = "4", rule = "one element is asked for, no fewer, no more")
  void refusesNoElementAndTooMany() {
    refuses("bad-request", ask("get"));
    refuses("bad-request", ask("set"));
    refuses("bad-request", ask("get", element("a", ""), element("b", "")));
    Element[] many = Collections.nCopies(10_000, element("a", "x")).toArray(Element[]::new);
    refuses("bad-request", ask("get", many));
    refuses("bad-request", ask("set", many));
  }

  @Test
  void refusesToStoreTheSameNameTwiceOrSeveralNamespacesAtOnce() {
    refuses("bad-request", ask("set", element("a", "1"), element("a", "2")));
    refuses("bad-request", ask("set", element("a", "1"), Element.text("b", "urn:other", "2")));
    assertThat(store.find(ROMEO, "a", "urn:example")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "jabber:client",
        "jabber:server",
        "jabber:iq:private",
        "jabber:iq:roster",
        "http://jabber.org/protocol/disco#info",
        "http://etherx.jabber.org/streams",
        "urn:ietf:params:xml:ns:xmpp-stanzas",
        "vcard-temp"
      })
  @Spec(doc = "XEP-0049", section = "4", rule = "reserved namespaces are not stored")
  void refusesReservedNamespaces(String namespace) {
    refuses("not-acceptable", ask("set", Element.text("a", namespace, "x")));
    refuses("not-acceptable", ask("get", Element.empty("a", namespace)));
  }

  @Test
  void refusesAnElementThatIsTooLarge() {
    int room = PrivateRequests.LONGEST - element("a", "").toXml().length() - 3;
    assertThat(ask("set", element("a", "x".repeat(room - 8))).attribute("type")).contains("result");
    refuses("not-acceptable", ask("set", element("a", "x".repeat(PrivateRequests.LONGEST))));
    refuses("not-acceptable", ask("set", element("a", "&".repeat(PrivateRequests.LONGEST / 4))));
  }

  @Test
  void refusesMoreElementsThanAnAccountMayHave() {
    for (int i = 0; i < PrivateRequests.MOST_ELEMENTS; i++) {
      assertThat(ask("set", element("a" + i, "x")).attribute("type")).contains("result");
    }
    refuses("resource-constraint", ask("set", element("b", "x")));
    assertThat(ask("set", element("a0", "y")).attribute("type")).contains("result");
    assertThat(ask("set", element("a0", "")).attribute("type")).contains("result");
    assertThat(ask("set", element("b", "x")).attribute("type")).contains("result");
  }

  @Test
  void givesBackWhatWasStored() {
    Element stored = element("a", "1");
    assertThat(ask("set", stored, element("b", "2")).children()).isEmpty();
    assertThat(ask("get", element("a", "")).children()).containsExactly(query(stored));
  }

  @Test
  void whatWasNeverStoredComesBackEmpty() {
    assertThat(ask("get", element("a", "asked")).children())
        .containsExactly(query(element("a", "")));
  }

  @Test
  void whatOneAccountStoresAnotherDoesNotGet() {
    assertThat(ask("set", element("a", "1")).attribute("type")).contains("result");
    assertThat(
            requests
                .answer(iq("get", query(element("a", ""))), new AccountId("acct-juliet"))
                .children())
        .containsExactly(query(element("a", "")));
  }
}
