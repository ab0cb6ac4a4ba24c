// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.eventing;

import static dev.latchkey.chat.eventing.PubSubDesk.xml;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.chat.eventing.CapabilityCache.Learned;
import dev.latchkey.credential.Jid;
import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Element;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CapabilitiesTest {
  private static final String SIMPLE =
      "<identity category='client' name='Exodus 0.9.1' type='pc'/>"
          + "<feature var='http://jabber.org/protocol/caps'/>"
          + "<feature var='http://jabber.org/protocol/disco#items'/>"
          + "<feature var='http://jabber.org/protocol/disco#info'/>"
          + "<feature var='http://jabber.org/protocol/muc'/>";
  private static final String SIMPLE_VER = "QgayPKawpkPSDYmwT/WM94uAlu0=";
  private static final String FORM =
      "<x xmlns='jabber:x:data' type='result'>"
          + "<field var='FORM_TYPE' type='hidden'>"
          + "<value>urn:xmpp:dataforms:softwareinfo</value></field>"
          + "<field var='os'><value>Mac</value></field>"
          + "<field var='ip_version'><value>ipv6</value><value>ipv4</value></field>"
          + "<field var='os_version'><value>10.5.1</value></field>"
          + "<field var='software_version'><value>0.11</value></field>"
          + "<field var='software'><value>Psi</value></field></x>";
  private static final String COMPLEX =
      "<identity xml:lang='en' category='client' name='Psi 0.11' type='pc'/>"
          + "<identity xml:lang='el' category='client' name='\u03a8 0.11' type='pc'/>"
          + "<feature var='http://jabber.org/protocol/caps'/>"
          + "<feature var='http://jabber.org/protocol/disco#info'/>"
          + "<feature var='http://jabber.org/protocol/disco#items'/>"
          + "<feature var='http://jabber.org/protocol/muc'/>"
          + FORM;
  private static final String COMPLEX_VER = "q07IKJEyjvHSyhy//CH0CxmKi8w=";
  private static final Jid PHONE = Jid.parse("nina@chat.example/phone");
  private static final Jid OTHER = Jid.parse("otto@chat.example/tablet");

  /// What the cache may hold here, of either kind.
  private static final int CHARACTERS = 20_000;

  private final CapabilityCache cache = new CapabilityCache(CHARACTERS);

  private static Element info(String content) {
    return xml(
        "<query xmlns='http://jabber.org/protocol/disco#info'>%s</query>".formatted(content));
  }

  private static CapabilityHash sha1(String ver) {
    return new CapabilityHash("urn:example:client", Optional.of("sha-1"), ver);
  }

  private static CapabilityHash hashOf(String content) {
    return Capabilities.hash("urn:example:client", info(content));
  }

  @Test
  @Spec(doc = "XEP-0115", section = "5.2", rule = "the simple example")
  @Spec(doc = "XEP-0115", section = "5.3", rule = "the complex example")
  void hashesTheExamples() {
    assertThat(Capabilities.ver(info(SIMPLE))).contains(SIMPLE_VER);
    assertThat(Capabilities.ver(info(COMPLEX))).contains(COMPLEX_VER);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<identity category='client' type='pc'/><identity category='client' type='pc'/>",
        "<feature var='a'/><feature var='a'/>",
        FORM + FORM,
        "<x xmlns='jabber:x:data'><field var='FORM_TYPE' type='hidden'><value>a</value>"
            + "<value>b</value></field></x>"
      })
  @Spec(doc = "XEP-0115", section = "5.4", rule = "ill-formed answers are good for nothing")
  void learnsNothingFromIllFormedAnswers(String content) {
    assertThat(Capabilities.ver(info(content))).isEmpty();
    assertThat(cache.learn(PHONE, sha1(SIMPLE_VER), info(content))).isEqualTo(Learned.NOTHING);
    assertThat(cache.find(PHONE, sha1(SIMPLE_VER))).isEmpty();
    assertThatThrownBy(() -> hashOf(content)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  @Spec(doc = "XEP-0115", section = "5.4", rule = "forms without a hidden type are passed over")
  void passesOverFormsWithoutAType() {
    String shown =
        "<x xmlns='jabber:x:data'><field var='FORM_TYPE'><value>a</value></field></x>"
            + "<x xmlns='jabber:x:data'><field var='b'><value>c</value></field></x>";

    assertThat(Capabilities.ver(info(SIMPLE + shown))).contains(SIMPLE_VER);
  }

  @Test
  @Spec(doc = "RFC 6120", section = "13.12", rule = "a server bounds what a client makes it hold")
  void learnsNothingFromAnswersThatAreTooLong() {
    String content = "<feature var='" + "f".repeat(40_000) + "'/>";

    assertThat(cache.learn(PHONE, hashOf(content), info(content))).isEqualTo(Learned.NOTHING);
  }

  @Test
  void learnsForAllWhatIsVerified() {
    assertThat(cache.learn(PHONE, sha1(COMPLEX_VER), info(COMPLEX))).isEqualTo(Learned.FOR_ALL);

    assertThat(cache.find(OTHER, sha1(COMPLEX_VER)).orElseThrow().features())
        .contains("http://jabber.org/protocol/muc");
    assertThat(cache.find(OTHER, sha1(SIMPLE_VER))).isEmpty();
  }

  @Test
  @Spec(doc = "XEP-0115", section = "5.4", rule = "a wrong hash is good for one resource only")
  void learnsForOneWhatIsWrong() {
    CapabilityHash forged = sha1(COMPLEX_VER);
    assertThat(cache.learn(PHONE, forged, info("<feature var='mood+notify'/>")))
        .isEqualTo(Learned.FOR_ONE);

    assertThat(cache.find(PHONE, forged).orElseThrow().notifyNodes()).containsExactly("mood");
    assertThat(cache.find(OTHER, forged)).isEmpty();
    assertThat(cache.find(PHONE, sha1("another"))).as("another hash, other features").isEmpty();
    cache.forget(PHONE);
    assertThat(cache.find(PHONE, forged)).isEmpty();
  }

  @Test
  void trustsNoHashOfAnotherKind() {
    CapabilityHash older = new CapabilityHash("urn:c", Optional.empty(), SIMPLE_VER);
    CapabilityHash other = new CapabilityHash("urn:c", Optional.of("sha-256"), SIMPLE_VER);
    cache.learn(OTHER, sha1(SIMPLE_VER), info(SIMPLE));

    assertThat(cache.find(PHONE, older)).isEmpty();
    assertThat(cache.find(PHONE, other)).isEmpty();
    assertThat(cache.learn(PHONE, older, info(SIMPLE))).isEqualTo(Learned.FOR_ONE);
    assertThat(cache.learn(PHONE, other, info(SIMPLE))).isEqualTo(Learned.FOR_ONE);
    assertThat(cache.find(PHONE, older)).as("the last one counts").isEmpty();
    assertThat(cache.find(PHONE, other)).isPresent();
  }

  @Test
  @Spec(
      doc = "XEP-0115",
      section = "9.3",
      rule = "nobody hides for all others what a client wants to be told of")
  void letsNobodyHideAWishInsideAnotherPart() {
    String honest =
        "<identity category='client' type='pc' name='A'/><feature var='a'/>"
            + "<feature var='mood+notify'/><feature var='tune+notify'/>";
    CapabilityHash claimed = hashOf(honest);
    String inForm =
        "<identity category='client' type='pc' name='A'/><feature var='a'/>"
            + "<x xmlns='jabber:x:data'><field var='FORM_TYPE' type='hidden'>"
            + "<value>mood+notify</value></field><field var='tune+notify'/></x>";
    String inName =
        "<identity category='client' type='pc' name='A&lt;a&lt;mood+notify'/>"
            + "<feature var='tune+notify'/>";
    assertThat(Capabilities.ver(info(inForm))).as("the same octets").contains(claimed.ver());
    assertThat(Capabilities.ver(info(inName))).as("the same octets").contains(claimed.ver());

    assertThat(cache.learn(OTHER, claimed, info(inForm))).isEqualTo(Learned.FOR_ONE);
    assertThat(cache.learn(OTHER, claimed, info(inName))).isEqualTo(Learned.FOR_ONE);
    assertThat(cache.find(PHONE, claimed)).isEmpty();
    assertThat(cache.learn(PHONE, claimed, info(honest))).isEqualTo(Learned.FOR_ALL);
    assertThat(cache.find(PHONE, claimed).orElseThrow().notifyNodes())
        .containsExactlyInAnyOrder("mood", "tune");
  }

  /// A list of features with so many characters, unlike any other.
  private static String features(int number, int characters) {
    String name = number + "-";
    return "<feature var='%s'/>".formatted(name + "x".repeat(characters - name.length()));
  }

  @Test
  void remembersNoMoreCharactersThanItMay() {
    for (int i = 0; i < 50; i++) {
      String list = features(i, 2_000);
      assertThat(cache.learn(PHONE, hashOf(list), info(list))).isEqualTo(Learned.FOR_ALL);
      assertThat(cache.find(OTHER, hashOf(list))).as("the newest").isPresent();
    }
    assertThat(IntStream.range(0, 50).filter(i -> isKnown(features(i, 2_000))))
        .hasSizeBetween(5, CHARACTERS / 2_000);
  }

  @Test
  void whatIsShortTakesRoomToo() {
    for (int i = 0; i < 1_000; i++) {
      String list = features(i, 4);
      cache.learn(PHONE, hashOf(list), info(list));
    }
    assertThat(IntStream.range(0, 1_000).filter(i -> isKnown(features(i, 4))))
        .hasSizeBetween(10, 200);
  }

  @Test
  void whatWasAskedForLongestAgoGoesFirst() {
    String first = features(-1, 2_000);
    String second = features(-2, 2_000);
    cache.learn(PHONE, hashOf(first), info(first));
    cache.learn(PHONE, hashOf(second), info(second));
    for (int i = 0; i < 20; i++) {
      assertThat(isKnown(first)).as("is asked for again and again").isTrue();
      String list = features(i, 2_000);
      cache.learn(PHONE, hashOf(list), info(list));
    }
    assertThat(isKnown(first)).isTrue();
    assertThat(isKnown(second)).isFalse();
  }

  private boolean isKnown(String content) {
    return cache.find(OTHER, hashOf(content)).isPresent();
  }

  @Test
  void boundsWhatHoldsForOneResourceAlone() {
    CapabilityHash wrong = sha1("wrong");
    for (int i = 0; i < 50; i++) {
      assertThat(cache.learn(device(i), wrong, info(features(i, 2_000))))
          .isEqualTo(Learned.FOR_ONE);
    }
    assertThat(cache.find(device(0), wrong)).isEmpty();
    assertThat(cache.find(device(49), wrong)).isPresent();
    assertThat(IntStream.range(0, 50).filter(i -> cache.find(device(i), wrong).isPresent()))
        .hasSizeBetween(5, CHARACTERS / 2_000);
  }

  @Test
  void countsTheNamesItIsKeptUnder() {
    CapabilityHash wrong =
        new CapabilityHash("n".repeat(512), Optional.of("a".repeat(512)), "v".repeat(512));
    for (int i = 0; i < 50; i++) {
      cache.learn(device(i), wrong, info(features(i, 4)));
    }
    assertThat(IntStream.range(0, 50).filter(i -> cache.find(device(i), wrong).isPresent()))
        .hasSizeBetween(5, CHARACTERS / 1_536);
  }

  @Test
  void whatIsForgottenOrReplacedTakesNoRoom() {
    CapabilityHash wrong = sha1("wrong");
    cache.learn(device(-1), wrong, info(features(-1, 2_000)));
    for (int i = 0; i < 50; i++) {
      cache.learn(PHONE, wrong, info(features(i, 2_000)));
      cache.learn(device(i), wrong, info(features(i, 2_000)));
      cache.forget(device(i));
      cache.learn(OTHER, hashOf(SIMPLE), info(SIMPLE));
    }
    assertThat(cache.find(device(-1), wrong)).isPresent();
  }

  private static Jid device(int number) {
    return Jid.parse("x@chat.example/" + number);
  }

  @Test
  void learnsNothingFromEndlessLists() {
    StringBuilder many = new StringBuilder();
    for (int i = 0; i < 1025; i++) {
      many.append("<feature var='f%d'/>".formatted(i));
    }
    for (String list : List.of(many.toString(), features(1, 16_385))) {
      assertThat(cache.learn(PHONE, hashOf(list), info(list))).isEqualTo(Learned.NOTHING);
      assertThat(cache.learn(PHONE, sha1("wrong"), info(list))).isEqualTo(Learned.NOTHING);
    }
  }

  @Test
  void readsAndWritesWhatPresenceCarries() {
    Element presence =
        xml(
            "<presence><c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='urn:c'"
                + " ver='%s'/></presence>".formatted(SIMPLE_VER));
    CapabilityHash hash = CapabilityHash.of(presence).orElseThrow();

    assertThat(hash.discoNode()).isEqualTo("urn:c#" + SIMPLE_VER);
    assertThat(presence.children()).containsExactly(hash.element());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<presence/>",
        "<presence><c xmlns='urn:other' hash='sha-1' node='n' ver='v'/></presence>",
        "<presence><c xmlns='http://jabber.org/protocol/caps' node='n'/></presence>",
        "<presence><c xmlns='http://jabber.org/protocol/caps' ver='v'/></presence>",
        "<presence><c xmlns='http://jabber.org/protocol/caps' node='' ver='v'/></presence>"
      })
  void readsNothingThatIsNotInOrder(String presence) {
    assertThat(CapabilityHash.of(xml(presence))).isEmpty();
  }

  @Test
  void readsNoEndlessHash() {
    assertThat(
            CapabilityHash.of(
                xml(
                    "<presence><c xmlns='http://jabber.org/protocol/caps' node='n' ver='%s'/>"
                            .formatted("v".repeat(513))
                        + "</presence>")))
        .isEmpty();
  }
}
