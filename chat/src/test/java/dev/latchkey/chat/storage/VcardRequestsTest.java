// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.storage;

import static dev.latchkey.chat.storage.PrivateRequestsTest.iq;
import static dev.latchkey.chat.storage.PrivateRequestsTest.refuses;
import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.chat.stanza.Iq;
import dev.latchkey.chat.stanza.StanzaError;
import dev.latchkey.credential.AccountId;
import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Element;
import java.util.Collections;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class VcardRequestsTest {
  private static final AccountId ROMEO = new AccountId("acct-romeo");
  private static final Element CARD =
      Element.named("vCard", StorageNamespaces.VCARD)
          .child(Element.text("FN", StorageNamespaces.VCARD, "Romeo"))
          .build();
  private static final Iq GET = iq("get", Element.empty("vCard", StorageNamespaces.VCARD));

  private final VcardRequests requests = new VcardRequests(new InMemoryPrivateStore());

  @Test
  @Spec(
      doc = "latchkey",
      section = "5",
      rule = "who does not see the account's presence learns no more than of no account")
  void aStrangerLearnsNotEvenThatThereIsAnAccount() {
    requests.own(iq("set", CARD), ROMEO);
    Element nobody = requests.foreign(GET, Optional.empty(), false);
    assertThat(nobody).isEqualTo(GET.error(StanzaError.SERVICE_UNAVAILABLE));
    assertThat(requests.foreign(GET, Optional.of(ROMEO), false)).isEqualTo(nobody);
    assertThat(requests.foreign(GET, Optional.empty(), true)).isEqualTo(nobody);
  }

  @Test
  void nobodyChangesTheCardOfAnother() {
    requests.own(iq("set", CARD), ROMEO);
    Element other = Element.named("vCard", StorageNamespaces.VCARD).text("x").build();
    refuses("service-unavailable", requests.foreign(iq("set", other), Optional.of(ROMEO), true));
    assertThat(requests.own(GET, ROMEO).children()).containsExactly(CARD);
  }

  @Test
  void refusesACardThatIsTooLarge() {
    Element large =
        Element.named("vCard", StorageNamespaces.VCARD)
            .text("x".repeat(VcardRequests.LONGEST))
            .build();
    refuses("not-acceptable", requests.own(iq("set", large), ROMEO));
    Element many =
        Element.named("vCard", StorageNamespaces.VCARD)
            .children(
                Collections.nCopies(10_000, Element.text("NICKNAME", StorageNamespaces.VCARD, "x")))
            .build();
    refuses("not-acceptable", requests.own(iq("set", many), ROMEO));
  }

  @Test
  void whoSeesThePresenceGetsTheCard() {
    refuses("item-not-found", requests.foreign(GET, Optional.of(ROMEO), true));
    requests.own(iq("set", CARD), ROMEO);
    assertThat(requests.foreign(GET, Optional.of(ROMEO), true).children()).containsExactly(CARD);
  }

  @Test
  void anAccountWithoutACardGetsAnEmptyOne() {
    assertThat(requests.own(GET, ROMEO).children())
        .containsExactly(Element.empty("vCard", StorageNamespaces.VCARD));
  }

  @Test
  void anEmptyCardRemovesIt() {
    requests.own(iq("set", CARD), ROMEO);
    requests.own(iq("set", Element.empty("vCard", StorageNamespaces.VCARD)), ROMEO);
    refuses("item-not-found", requests.foreign(GET, Optional.of(ROMEO), true));
  }
}
