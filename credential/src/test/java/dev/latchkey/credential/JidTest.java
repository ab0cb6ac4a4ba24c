// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.testkit.Spec;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JidTest {
  @ParameterizedTest
  @Spec(doc = "RFC 7622", section = "3.5", rule = "the addresses of table 1")
  @CsvSource({
    "juliet@example.com,              juliet@example.com",
    "juliet@example.com/foo,          juliet@example.com/foo",
    "juliet@example.com/foo bar,      juliet@example.com/foo bar",
    "juliet@example.com/foo@bar,      juliet@example.com/foo@bar",
    "foo\\20bar@example.com,          foo\\20bar@example.com",
    "fussball@example.com,            fussball@example.com",
    "fu\u00dfball@example.com,        fu\u00dfball@example.com",
    "\u03c0@example.com,              \u03c0@example.com",
    "\u03a3@example.com/foo,          \u03c3@example.com/foo",
    "\u03c3@example.com/foo,          \u03c3@example.com/foo",
    "king@example.com/\u265a,         king@example.com/\u265a",
    "example.com,                     example.com",
    "example.com/foobar,              example.com/foobar",
    "a.example.com/b@example.net,     a.example.com/b@example.net",
    "NINA@Chat.Example/Phone,         nina@chat.example/Phone",
    "nina@chat.example.,              nina@chat.example",
    "nina@xn--bcher-kva.example,      nina@b\u00fccher.example",
    "nina@B\u00dcCHER.example,        nina@b\u00fccher.example",
    "\uff2e\uff29\uff2e\uff21@chat.example, nina@chat.example",
    "nina@[::1],                      nina@[::1]",
    "nina@127.0.0.1,                  nina@127.0.0.1",
  })
  void preparesEachPart(String text, String prepared) {
    Jid jid = Jid.parse(text);
    assertThat(jid).hasToString(prepared);
    assertThat(Jid.parse(jid.toString())).as("prepared again").isEqualTo(jid);
  }

  @ParameterizedTest
  @Spec(doc = "RFC 7622", section = "3.5", rule = "the addresses of table 2, and more")
  @ValueSource(
      strings = {
        "\"juliet\"@example.com",
        "foo bar@example.com",
        "juliet@example.com/",
        "@example.com/",
        "@example.com",
        "henry\u2163@example.com",
        "\u265a@example.com",
        "juliet@",
        "/foobar",
        "",
        "nina@chat.example@evil.example",
        "nina&bo@chat.example",
        "nina'@chat.example",
        "nina:x@chat.example",
        "<nina>@chat.example",
        "nina\uff20evil@chat.example",
        "nina@chat.example\u0000",
        "ni\u0000na@chat.example",
        "nina@chat..example",
        "nina@chat.example..",
        "nina@chat.example.\u3002",
        "nina@chat example",
        "nina@evil\uff0fchat.example",
        "nina@.",
        "nina@chat.example/\u0007",
        "nina@[]",
        "nina@\u13a6", // whose lower case IDNA does not allow
      })
  void refusesWhatIsNone(String text) {
    assertThat(Jid.tryParse(text)).isEmpty();
    assertThatThrownBy(() -> Jid.parse(text))
        .isInstanceOf(InvalidJidException.class)
        .message()
        .satisfies(said -> assertThat(text.isEmpty() || !said.contains(text)).isTrue());
  }

  @Test
  @Spec(doc = "RFC 7622", section = "3.2", rule = "a final dot is no part of the name")
  void takesAnIdeographicFinalDotForADot() {
    assertThat(new Domain("chat.example\u3002")).isEqualTo(new Domain("chat.example"));
  }

  @Test
  void boundsEachPart() {
    assertThat(new AccountJid("n".repeat(1023), new Domain("chat.example")).localpart())
        .hasSize(1023);
    assertThatThrownBy(() -> new AccountJid("n".repeat(1024), new Domain("chat.example")))
        .isInstanceOf(InvalidJidException.class);
    assertThatThrownBy(() -> new AccountJid("\u03c0".repeat(512), new Domain("chat.example")))
        .isInstanceOf(InvalidJidException.class);
    assertThatThrownBy(() -> new Resource("r".repeat(1024)))
        .isInstanceOf(InvalidJidException.class);
  }

  @Test
  void keepsTheCaseOfAResource() {
    assertThat(new Resource("Phone")).isNotEqualTo(new Resource("phone"));
    assertThat(new Resource("a\u00a0b")).isEqualTo(new Resource("a b"));
  }

  @Test
  void anAccountHasALocalpartAndNoResource() {
    assertThat(AccountJid.parse("Nina@chat.example")).hasToString("nina@chat.example");
    assertThatThrownBy(() -> AccountJid.parse("nina@chat.example/phone"))
        .isInstanceOf(InvalidJidException.class);
    assertThatThrownBy(() -> AccountJid.parse("chat.example"))
        .isInstanceOf(InvalidJidException.class);
  }

  @Test
  void takesAddressesApart() {
    Jid full = Jid.parse("nina@chat.example/phone");
    AccountJid nina = AccountJid.parse("nina@chat.example");
    assertThat(full.account()).contains(nina);
    assertThat(full.isBare()).isFalse();
    assertThat(full.bare()).isEqualTo(nina.jid());
    assertThat(nina.with(new Resource("phone"))).isEqualTo(full);
    assertThat(Jid.of(nina.domain()).account()).isEqualTo(Optional.empty());
  }
}
