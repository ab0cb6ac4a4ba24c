// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.chat.history.KeptId;
import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.DeviceId;
import dev.latchkey.credential.Resource;
import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.framing.WrittenElement;
import dev.latchkey.wire.management.StanzaCount;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// What every [HibernationStore] does.
public abstract class HibernationStoreContract {
  private static final AccountJid NINA = AccountJid.parse("nina@chat.example");

  /// The store under test; empty at first.
  protected abstract HibernationStore store();

  /// An account that is there.
  protected abstract AccountId newAccount();

  private static HibernatedSession.Waiting stanza(String body, Optional<Receipt> receipt) {
    return new HibernatedSession.Waiting(
        "<message xmlns='jabber:client'><body>%s</body></message>".formatted(body), receipt);
  }

  /// A session with all that a session can have.
  protected final HibernatedSession session(String id, HibernatedSession.Waiting... waiting) {
    return new HibernatedSession(
        id,
        new SessionIdentity(
            newAccount(),
            NINA,
            new DeviceId("device-of-" + id),
            3,
            Optional.of(new CredentialId("credential-of-" + id)),
            "EXTERNAL"),
        new Resource("Büro & \"Küche\""),
        Duration.ofSeconds(90),
        Instant.parse("2026-11-01T12:00:00.123Z"),
        new StanzaCount(7),
        new StanzaCount(4),
        List.of(waiting),
        new WrittenElement()
            .read("<place xmlns='urn:latchkey:place:0' carbons='true'><told>a@b/c</told></place>"));
  }

  @Test
  @Spec(
      doc = "XEP-0198",
      section = "5",
      rule = "A session is resumed at most once, so what was taken is not there a second time")
  public void whatWasTakenIsNotThereAnyMore() {
    store().put(List.of(session("a", stanza("one", Optional.empty()))));
    assertThat(store().take()).hasSize(1);
    assertThat(store().take()).isEmpty();
  }

  @Test
  public void nothingWasPutIntoANewOne() {
    assertThat(store().take()).isEmpty();
  }

  @Test
  public void keepsEverythingOfASession() {
    KeptId archived = new KeptId(1_234_567, -5);
    KeptId waiting = new KeptId(7_654_321, 5);
    HibernatedSession whole =
        session(
            "a",
            stanza("no receipt", Optional.empty()),
            stanza(
                "archived",
                Optional.of(new Receipt(Optional.of(archived), Optional.empty(), true))),
            stanza("waits", Optional.of(Receipt.waiting(waiting))),
            stanza("neither", Optional.of(new Receipt(Optional.empty(), Optional.empty(), false))));
    store().put(List.of(whole));

    assertThat(store().take()).containsExactly(whole);
  }

  @Test
  @Spec(doc = "XEP-0198", section = "4", rule = "A count goes up to 2^32 - 1")
  public void keepsTheGreatestCounts() {
    HibernatedSession kept = session("a");
    HibernatedSession great =
        new HibernatedSession(
            kept.id(),
            kept.identity(),
            kept.resource(),
            kept.longest(),
            kept.since(),
            new StanzaCount(-1),
            new StanzaCount(Integer.MIN_VALUE),
            List.of(),
            kept.place());
    store().put(List.of(great));

    assertThat(store().take()).containsExactly(great);
  }

  @Test
  public void keepsTheOrderOfSessionsAndOfWhatWaitsInThem() {
    List<HibernatedSession> all =
        List.of(
            session("b", stanza("1", Optional.empty()), stanza("2", Optional.empty())),
            session("a", stanza("3", Optional.empty()), stanza("0", Optional.empty())));
    store().put(all);

    assertThat(store().take()).containsExactlyElementsOf(all);
  }

  @Test
  public void keepsWhatWasPutBeside() {
    HibernatedSession first = session("a", stanza("1", Optional.empty()));
    HibernatedSession second = session("b", stanza("2", Optional.empty()));
    store().put(List.of(first));
    store().put(List.of(second));

    assertThat(store().take()).containsExactly(first, second);
  }
}
