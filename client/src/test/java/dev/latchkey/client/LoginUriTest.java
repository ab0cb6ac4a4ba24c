// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.MachineSecret;
import dev.latchkey.credential.Resource;
import dev.latchkey.testkit.SeededRandom;
import dev.latchkey.testkit.Spec;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LoginUriTest {
  private static final MachineSecret TOKEN = MachineSecret.draw(new SeededRandom(7));
  private static final String CODE = TOKEN.canonical().revealText();
  private static final Bytes PIN = Bytes.utf8("a certificate's key").sha256();

  @Test
  void readsAllOfIt() {
    LoginUri uri =
        LoginUri.parse(
            "xmpp:nina@chat.example?login;token=%s;resource=tablet;pin=sha-256:%s;host=127.0.0.1;port=15223;tls=direct"
                .formatted(CODE, PIN.toHex()));
    assertThat(uri.account()).isEqualTo(AccountJid.parse("nina@chat.example"));
    assertThat(uri.token().canonical().revealText()).isEqualTo(CODE);
    assertThat(uri.resource()).contains(new Resource("tablet"));
    assertThat(uri.pin()).contains(PIN);
    assertThat(uri.server()).contains(new ServerAddress("127.0.0.1", 15223, true));
  }

  @Test
  void readsTheLeastOfIt() {
    LoginUri uri = LoginUri.parse("xmpp:nina@chat.example?login;token=" + CODE);
    assertThat(uri.resource()).isEmpty();
    assertThat(uri.pin()).isEmpty();
    assertThat(uri.server()).isEmpty();
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 19",
      rule = "the printed form is folded into the canonical")
  void takesTheCodeAsAPersonTypesIt() {
    String typed = TOKEN.printed().revealText().toUpperCase(java.util.Locale.ROOT);
    assertThat(LoginUri.parse("xmpp:nina@chat.example?login;token=" + typed).token().canonical())
        .isEqualTo(TOKEN.canonical());
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 19",
      rule = "the check symbol is tested before anybody goes online")
  void refusesWrongCheckSymbolWithoutRepeatingTheCode() {
    char last = CODE.charAt(CODE.length() - 1);
    String mistyped = CODE.substring(0, CODE.length() - 1) + (last == '0' ? '2' : '0');
    assertThatThrownBy(() -> LoginUri.parse("xmpp:nina@chat.example?login;token=" + mistyped))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("mistyped")
        .hasMessageNotContaining(mistyped.substring(0, 8));
  }

  @Test
  void ignoresUnknownParameters() {
    assertThat(LoginUri.parse("xmpp:nina@chat.example?login;v=2;token=" + CODE + ";new=a%3Bb;flag"))
        .extracting(LoginUri::account)
        .hasToString("nina@chat.example");
  }

  @Test
  void decodesAndEncodesPercent() {
    LoginUri uri =
        LoginUri.parse(
            "XMPP:j%C3%BCrgen@chat.example?login;resource=K%C3%BCche%3B%20oben%3D1;token=" + CODE);
    assertThat(uri.account()).isEqualTo(AccountJid.parse("jürgen@chat.example"));
    assertThat(uri.resource()).contains(new Resource("Küche; oben=1"));
    assertThat(uri.reveal())
        .startsWith("xmpp:j%C3%BCrgen@chat.example?login;token=")
        .contains(";resource=K%C3%BCche%3B%20oben%3D1");
  }

  @Test
  void printsWhatItReads() {
    LoginUri uri =
        new LoginUri(
            AccountJid.parse("nina@chat.example"),
            TOKEN,
            Optional.of(new Resource("a/b c")),
            Optional.of(PIN),
            Optional.of(new ServerAddress("::1", 5222, false)));
    LoginUri again = LoginUri.parse(uri.reveal());
    assertThat(again.reveal()).isEqualTo(uri.reveal());
    assertThat(again.server()).isEqualTo(uri.server());
    assertThat(again.resource()).isEqualTo(uri.resource());
    assertThat(again.pin()).isEqualTo(uri.pin());
  }

  @Test
  void hidesTheCodeInItsText() {
    LoginUri uri = LoginUri.parse("xmpp:nina@chat.example?login;token=" + CODE);
    assertThat(uri.toString()).contains("nina@chat.example").doesNotContain(CODE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "nina@chat.example",
        "mailto:nina@chat.example?login;token=CODE",
        "xmpp:nina@chat.example",
        "xmpp:nina@chat.example?message;token=CODE",
        "xmpp:nina@chat.example?login",
        "xmpp:nina@chat.example?login;token=",
        "xmpp:chat.example?login;token=CODE",
        "xmpp:nina@chat.example/phone?login;token=CODE",
        "xmpp:@chat.example?login;token=CODE",
        "xmpp:ni%ZZna@chat.example?login;token=CODE",
        "xmpp:ni%C3@chat.example?login;token=CODE",
        "xmpp:nina@chat.example?login;token=CODE;resource=%",
        "xmpp:nina@chat.example?login;token=CODE;token=CODE",
        "xmpp:nina@chat.example?login;token=CODE;resource=",
        "xmpp:nina@chat.example?login;token=CODE;port=0",
        "xmpp:nina@chat.example?login;token=CODE;port=65536",
        "xmpp:nina@chat.example?login;token=CODE;port=x",
        "xmpp:nina@chat.example?login;token=CODE;host=a%20b",
        "xmpp:nina@chat.example?login;token=CODE;tls=later",
      })
  void refusesWhatIsNoInvitation(String text) {
    assertThatThrownBy(() -> LoginUri.parse(text.replace("CODE", CODE)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageNotContaining(CODE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "sha-256:", "sha-256:00", "sha-512:AB", "PINNED", "sha-1:PINNED"})
  @Spec(doc = "latchkey", section = "rule 22", rule = "a pin is enforced, so an odd one is refused")
  void refusesPinThatItDoesNotUnderstand(String pin) {
    String value = pin.replace("PINNED", PIN.toHex());
    assertThatThrownBy(
            () -> LoginUri.parse("xmpp:nina@chat.example?login;token=" + CODE + ";pin=" + value))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("pin");
  }
}
