// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Secret;
import dev.latchkey.testkit.Spec;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EnrolmentLinkTest {
  private static final AccountJid NINA = AccountJid.parse("nina@chat.example");
  private static final Bytes CSR = Bytes.utf8("request");
  private static final Bytes LEAF = Bytes.utf8("leaf");
  private static final Bytes CA = Bytes.utf8("issuing");
  private static final Secret KEY = Secret.of(Bytes.hex("0b".repeat(32)));

  private static Bytes hmac(Bytes key, String hexMessage) throws Exception {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(key.toArray(), "HmacSHA256"));
    return Bytes.of(mac.doFinal(Bytes.hex(hexMessage).toArray()));
  }

  private static String lp(Bytes part) {
    return "%08x".formatted(part.length()) + part.toHex();
  }

  private static String lp(String part) {
    return lp(Bytes.utf8(part));
  }

  @ParameterizedTest
  @ValueSource(ints = {20, 32})
  @Spec(
      doc = "latchkey",
      section = "7",
      rule = "HMAC-SHA-256(ServerKey, lp(\"LK-ENROL 1\") lp(domain) lp(bare JID) lp(SHA-256(CSR)))")
  void requestLinkIsComputedAsTheRuleSays(int keyLength) throws Exception {
    Bytes key = Bytes.hex("0b".repeat(keyLength));
    assertThat(EnrolmentLink.ofRequest(Secret.of(key), NINA, CSR))
        .isEqualTo(
            hmac(
                key,
                lp("LK-ENROL 1")
                    + lp("chat.example")
                    + lp("nina@chat.example")
                    + lp(CSR.sha256())));
  }

  @ParameterizedTest
  @ValueSource(ints = {20, 32})
  @Spec(
      doc = "latchkey",
      section = "7",
      rule = "the answer's link covers exactly these certificates in this order")
  void answerLinkIsComputedAsTheRuleSays(int keyLength) throws Exception {
    Bytes key = Bytes.hex("0b".repeat(keyLength));
    assertThat(EnrolmentLink.ofAnswer(Secret.of(key), NINA, List.of(LEAF, CA)))
        .isEqualTo(
            hmac(
                key,
                lp("LK-ENROLLED 1")
                    + lp("chat.example")
                    + lp("nina@chat.example")
                    + lp(LEAF)
                    + lp(CA)));
  }

  @ParameterizedTest
  @ValueSource(ints = {20, 32})
  @Spec(
      doc = "latchkey",
      section = "11",
      rule = "as for a request, with LK-KEY 1 and SHA-256(lp(id) lp(key))")
  void clientKeyLinkIsComputedAsTheRuleSays(int keyLength) throws Exception {
    Bytes key = Bytes.hex("0b".repeat(keyLength));
    Bytes validationKey = Bytes.hex("a5".repeat(32));
    assertThat(EnrolmentLink.ofClientKey(Secret.of(key), NINA, "phone", Secret.of(validationKey)))
        .isEqualTo(
            hmac(
                key,
                lp("LK-KEY 1")
                    + lp("chat.example")
                    + lp("nina@chat.example")
                    + lp(Bytes.hex(lp("phone") + lp(validationKey)).sha256())));
  }

  @Test
  void aRelayCannotSwapTheClientKey() {
    Secret own = Secret.of(Bytes.hex("a5".repeat(32)));
    Bytes link = EnrolmentLink.ofClientKey(KEY, NINA, "phone", own);
    assertThat(link)
        .isNotEqualTo(EnrolmentLink.ofClientKey(KEY, NINA, "phone2", own))
        .isNotEqualTo(
            EnrolmentLink.ofClientKey(KEY, NINA, "phone", Secret.of(Bytes.hex("a6".repeat(32)))))
        .isNotEqualTo(
            EnrolmentLink.ofClientKey(KEY, AccountJid.parse("bo@chat.example"), "phone", own))
        .isNotEqualTo(
            EnrolmentLink.ofClientKey(Secret.of(Bytes.hex("0c".repeat(32))), NINA, "phone", own));
  }

  @Test
  void aRelayCannotSwapAnything() {
    AccountJid bo = AccountJid.parse("bo@chat.example");
    Secret other = Secret.of(Bytes.hex("0c".repeat(32)));
    Bytes request = EnrolmentLink.ofRequest(KEY, NINA, CSR);
    assertThat(request)
        .isNotEqualTo(EnrolmentLink.ofRequest(KEY, NINA, Bytes.utf8("another")))
        .isNotEqualTo(EnrolmentLink.ofRequest(KEY, bo, CSR))
        .isNotEqualTo(EnrolmentLink.ofRequest(other, NINA, CSR));
    Bytes answer = EnrolmentLink.ofAnswer(KEY, NINA, List.of(LEAF, CA));
    assertThat(answer)
        .isNotEqualTo(EnrolmentLink.ofAnswer(KEY, NINA, List.of(CA, LEAF)))
        .isNotEqualTo(EnrolmentLink.ofAnswer(KEY, NINA, List.of(LEAF)))
        .isNotEqualTo(EnrolmentLink.ofAnswer(KEY, NINA, List.of(Bytes.concat(LEAF, CA))))
        .isNotEqualTo(EnrolmentLink.ofAnswer(other, NINA, List.of(LEAF, CA)))
        .isNotEqualTo(request);
  }

  @Test
  void anAnswerHasACertificate() {
    assertThatThrownBy(() -> EnrolmentLink.ofAnswer(KEY, NINA, List.of()))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
