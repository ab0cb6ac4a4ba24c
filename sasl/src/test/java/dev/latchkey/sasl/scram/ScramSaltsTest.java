// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.scram;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Domain;
import dev.latchkey.credential.ScramHash;
import dev.latchkey.credential.Secret;
import dev.latchkey.testkit.Spec;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScramSaltsTest {
  private static final Domain DOMAIN = new Domain("chat.example");
  private static final Bytes KEY = Bytes.hex("0b".repeat(32));

  private final ScramSalts salts = new ScramSalts(Secret.of(KEY));

  private Bytes salt(String name) {
    return salts.parameters(DOMAIN, name, ScramHash.SHA_256).salt();
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "15",
      rule = "HMAC-SHA-256(salt key, lp(hash) lp(domain) lp(prepared localpart)), 16 octets of it")
  void isComputedAsTheRuleSays() throws Exception {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(KEY.toArray(), "HmacSHA256"));
    byte[] message =
        HexFormat.of()
            .parseHex(
                "00000007"
                    + "5348412d323536" // SHA-256
                    + "0000000c"
                    + "636861742e6578616d706c65" // chat.example
                    + "00000004"
                    + "6e696e61"); // nina
    Bytes expected = Bytes.of(Arrays.copyOf(mac.doFinal(message), 16));
    ScramParameters parameters = salts.parameters(DOMAIN, "nina", ScramHash.SHA_256);
    assertThat(parameters.salt()).isEqualTo(expected);
    assertThat(parameters.iterations()).isEqualTo(4096);
    assertThat(salts.parameters(AccountJid.parse("nina@chat.example"), ScramHash.SHA_256))
        .isEqualTo(parameters);
  }

  @ParameterizedTest
  @ValueSource(strings = {"NINA", "Nina", "\uff2e\uff29\uff2e\uff21"})
  @Spec(doc = "latchkey", section = "15", rule = "all spellings of a name have one salt")
  void allSpellingsHaveOneSalt(String spelling) {
    assertThat(salt(spelling)).isEqualTo(salt("nina"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"ni na", "nina@chat.example", "\u2163", "nina\u0001"})
  @Spec(doc = "latchkey", section = "15", rule = "a name that cannot be prepared has a salt too")
  void aNameThatCannotBePreparedHasAStableSaltOfTheSameForm(String name) {
    assertThat(salt(name)).isEqualTo(salt(name)).isNotEqualTo(salt("nina"));
    assertThat(salt(name).length()).isEqualTo(16);
  }

  @Test
  void everyNameDomainHashAndKeyHasItsOwn() {
    assertThat(salt("nina"))
        .isNotEqualTo(salt("bo"))
        .isNotEqualTo(
            salts.parameters(new Domain("other.example"), "nina", ScramHash.SHA_256).salt())
        .isNotEqualTo(salts.parameters(DOMAIN, "nina", ScramHash.SHA_1).salt())
        .isNotEqualTo(
            new ScramSalts(Secret.of(Bytes.hex("0c".repeat(32))))
                .parameters(DOMAIN, "nina", ScramHash.SHA_256)
                .salt());
  }

  @Test
  void refusesAShortKey() {
    assertThatThrownBy(() -> new ScramSalts(Secret.of(Bytes.hex("0b".repeat(31)))))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void refusesParametersThatNoClientMayTake() {
    assertThatThrownBy(() -> new ScramParameters(Bytes.utf8("salt"), 4095))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new ScramParameters(Bytes.EMPTY, 4096))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
