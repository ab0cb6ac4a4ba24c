// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.credential.AccountJid;
import org.junit.jupiter.api.Test;

class PresenceBookTest {
  private static final AccountJid NINA = AccountJid.parse("nina@chat.example");
  private static final AccountJid OLAF = AccountJid.parse("olaf@chat.example");

  private final PresenceBook book = new PresenceBook();

  @Test
  void nobodyIsWatchingWhoDidNotAsk() {
    assertThat(book.grant(NINA, OLAF)).isFalse();
    assertThat(book.isWatching(OLAF, NINA)).isFalse();
  }

  @Test
  void askingAloneShowsNothing() {
    assertThat(book.ask(NINA, OLAF)).isFalse();
    assertThat(book.isWatching(OLAF, NINA)).isFalse();
    assertThat(book.watchersOf(NINA)).isEmpty();
  }

  @Test
  void aGrantIsOneWay() {
    book.ask(NINA, OLAF);
    assertThat(book.grant(NINA, OLAF)).isTrue();
    assertThat(book.isWatching(OLAF, NINA)).isTrue();
    assertThat(book.isWatching(NINA, OLAF)).isFalse();
    assertThat(book.ask(NINA, OLAF)).as("asked again, answered at once").isTrue();
  }

  @Test
  void dropsWishesThatAreTooMany() {
    for (int i = 0; i < PresenceBook.MOST_ASKING; i++) {
      book.ask(NINA, AccountJid.parse("u" + i + "@chat.example"));
    }
    book.ask(NINA, OLAF);
    assertThat(book.grant(NINA, OLAF)).isFalse();
  }

  @Test
  void eitherSideEndsIt() {
    book.ask(NINA, OLAF);
    book.grant(NINA, OLAF);
    assertThat(book.end(NINA, OLAF)).isTrue();
    assertThat(book.isWatching(OLAF, NINA)).isFalse();
    assertThat(book.end(NINA, OLAF)).isFalse();
    assertThat(book.grant(NINA, OLAF)).as("what was ended must be asked for again").isFalse();
  }
}
