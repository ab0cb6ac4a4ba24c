// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.chat.stanza.MessageType;
import dev.latchkey.credential.Resource;
import dev.latchkey.testkit.Spec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DeliveryTest {
  private static final Resource PHONE = new Resource("phone");
  private static final Resource TABLET = new Resource("tablet");
  private static final Resource BOT = new Resource("bot");

  private static Delivery toBare(MessageType type, Map<Resource, Integer> available) {
    return Delivery.of(type, Optional.empty(), List.copyOf(available.keySet()), available);
  }

  private static Map<Resource, Integer> available(Object... pairs) {
    Map<Resource, Integer> priorities = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      priorities.put((Resource) pairs[i], (Integer) pairs[i + 1]);
    }
    return priorities;
  }

  @Test
  @Spec(
      doc = "RFC 6121",
      section = "8.5.2.1.1",
      rule = "chat to the bare JID goes to the most available resources")
  void chatGoesToAllWithTheHighestPriority() {
    assertThat(toBare(MessageType.CHAT, available(PHONE, 5, TABLET, 1, BOT, 5)))
        .isEqualTo(new Delivery.To(List.of(PHONE, BOT)));
  }

  @Test
  @Spec(
      doc = "RFC 6121",
      section = "8.5.2.1",
      rule = "a resource with negative priority never gets what is to the bare JID")
  void neverGoesToANegativePriority() {
    assertThat(toBare(MessageType.CHAT, available(BOT, -1))).isEqualTo(new Delivery.Later());
    assertThat(toBare(MessageType.HEADLINE, available(BOT, -1, PHONE, 0)))
        .isEqualTo(new Delivery.To(List.of(PHONE)));
  }

  @Test
  void aHeadlineGoesToEverybodyWilling() {
    assertThat(toBare(MessageType.HEADLINE, available(PHONE, 5, TABLET, 0)))
        .isEqualTo(new Delivery.To(List.of(PHONE, TABLET)));
    assertThat(toBare(MessageType.HEADLINE, available())).isEqualTo(new Delivery.Dropped());
  }

  @Test
  void groupchatToAnAccountIsRefused() {
    assertThat(toBare(MessageType.GROUPCHAT, available(PHONE, 5)))
        .isEqualTo(new Delivery.Refused());
  }

  @ParameterizedTest
  @EnumSource(MessageType.class)
  @Spec(
      doc = "RFC 6121",
      section = "8.5.2.2.1",
      rule = "where nobody is there, what people write is kept, and only groupchat is refused")
  void whereNobodyIsThereOnlyWhatPeopleWriteIsKept(MessageType type) {
    assertThat(toBare(type, available()))
        .isEqualTo(
            switch (type) {
              case CHAT, NORMAL -> new Delivery.Later();
              case GROUPCHAT -> new Delivery.Refused();
              case ERROR, HEADLINE -> new Delivery.Dropped();
            });
  }

  @ParameterizedTest
  @EnumSource(MessageType.class)
  @Spec(
      doc = "RFC 6121",
      section = "8.5.3.1",
      rule = "a message to a resource that is there goes to it, whatever its priority")
  void aFullJidThatIsThereGetsItWhateverItsPriority(MessageType type) {
    assertThat(Delivery.of(type, Optional.of(BOT), List.of(PHONE, BOT), available(PHONE, 1)))
        .isEqualTo(new Delivery.To(List.of(BOT)));
  }

  @Test
  @Spec(
      doc = "RFC 6121",
      section = "8.5.3.2.1",
      rule = "to a resource that is gone, chat goes as to the bare JID and others are refused")
  void onlyChatToAFullJidThatIsGoneGoesToTheOthers() {
    Map<Resource, Integer> there = available(PHONE, 1);
    assertThat(Delivery.of(MessageType.CHAT, Optional.of(BOT), List.of(PHONE), there))
        .isEqualTo(new Delivery.To(List.of(PHONE)));
    assertThat(Delivery.of(MessageType.NORMAL, Optional.of(BOT), List.of(PHONE), there))
        .isEqualTo(new Delivery.Refused());
    assertThat(Delivery.of(MessageType.ERROR, Optional.of(BOT), List.of(PHONE), there))
        .isEqualTo(new Delivery.Dropped());
  }

  @Test
  void anUnknownTypeIsNormal() {
    assertThat(MessageType.of("shout")).isEqualTo(MessageType.NORMAL);
    assertThat(MessageType.of("chat")).isEqualTo(MessageType.CHAT);
  }
}
