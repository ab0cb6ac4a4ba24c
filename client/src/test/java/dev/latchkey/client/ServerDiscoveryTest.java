// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.credential.Domain;
import dev.latchkey.testkit.SeededRandom;
import dev.latchkey.testkit.Spec;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ServerDiscoveryTest {
  private static final Domain DOMAIN = new Domain("chat.example");
  private static final String DIRECT = "_xmpps-client._tcp.chat.example";
  private static final String STARTTLS = "_xmpp-client._tcp.chat.example";

  private final SeededRandom random = SeededRandom.announced();
  private final Map<String, List<SrvRecord>> zone = new HashMap<>();

  private List<ServerAddress> candidates() {
    return new ServerDiscovery(name -> zone.getOrDefault(name, List.of()), random)
        .candidates(DOMAIN);
  }

  @Test
  @Spec(
      doc = "XEP-0368",
      section = "3",
      rule = "records of both services are mixed by their priority")
  void mixesBothServicesByPriority() {
    zone.put(
        DIRECT,
        List.of(new SrvRecord(5, 0, 443, "b.example"), new SrvRecord(30, 0, 5223, "d.example")));
    zone.put(
        STARTTLS,
        List.of(new SrvRecord(1, 0, 5222, "a.example"), new SrvRecord(10, 0, 5222, "c.example")));
    assertThat(candidates())
        .containsExactly(
            new ServerAddress("a.example", 5222, false),
            new ServerAddress("b.example", 443, true),
            new ServerAddress("c.example", 5222, false),
            new ServerAddress("d.example", 5223, true));
  }

  @Test
  @Spec(doc = "RFC 2782", rule = "records of one priority are drawn by their weight")
  void drawsByWeightWithinOnePriority() {
    zone.put(
        STARTTLS,
        List.of(
            new SrvRecord(1, 0, 5222, "zero.example"),
            new SrvRecord(1, 90, 5222, "heavy.example"),
            new SrvRecord(1, 10, 5222, "light.example")));
    Map<String, Integer> first = new HashMap<>();
    for (int i = 0; i < 2_000; i++) {
      List<ServerAddress> drawn = candidates();
      assertThat(drawn).hasSize(3);
      first.merge(drawn.getFirst().host(), 1, Integer::sum);
    }
    assertThat(first.get("heavy.example")).isBetween(1_600, 1_950);
    assertThat(first.get("light.example")).isBetween(80, 350);
    assertThat(first.getOrDefault("zero.example", 0)).isLessThan(80);
  }

  @Test
  @Spec(doc = "RFC 6120", section = "3.2.2", rule = "without records the address itself, port 5222")
  void fallsBackToTheDomainWithoutRecords() {
    assertThat(candidates()).containsExactly(new ServerAddress("chat.example", 5222, false));
  }

  @Test
  @Spec(doc = "XEP-0368", section = "3", rule = "a target of . is a no, and nothing else is tried")
  void refusesDomainThatSaysItHasNone() {
    zone.put(STARTTLS, List.of(new SrvRecord(0, 0, 0, ".")));
    zone.put(DIRECT, List.of(new SrvRecord(0, 0, 0, ".")));
    assertThatThrownBy(this::candidates)
        .isInstanceOf(ClientException.class)
        .hasMessageContaining("no XMPP service");
  }

  @Test
  void takesTheOtherServiceWhereOneIsNotOffered() {
    zone.put(STARTTLS, List.of(new SrvRecord(0, 0, 0, ".")));
    zone.put(DIRECT, List.of(new SrvRecord(0, 0, 5223, "x.example")));
    assertThat(candidates()).containsExactly(new ServerAddress("x.example", 5223, true));
  }

  @Test
  void fallsBackWhereDnsDoesNotAnswer() {
    ServerDiscovery discovery =
        new ServerDiscovery(
            name -> {
              throw new IOException("no answer");
            },
            random);
    assertThat(discovery.candidates(DOMAIN))
        .containsExactly(new ServerAddress("chat.example", 5222, false));
  }

  @Test
  void doesNotAskDnsForThisMachine() {
    ServerDiscovery discovery =
        new ServerDiscovery(
            name -> {
              throw new AssertionError("asked for " + name);
            },
            random);
    assertThat(discovery.candidates(new Domain("localhost")))
        .containsExactly(new ServerAddress("localhost", 5222, false));
    assertThat(discovery.candidates(new Domain("127.0.0.1")))
        .containsExactly(new ServerAddress("127.0.0.1", 5222, false));
    assertThat(discovery.candidates(new Domain("[::1]")))
        .containsExactly(new ServerAddress("::1", 5222, false));
  }

  @Test
  void asksWithAsciiLabels() {
    zone.put("_xmpp-client._tcp.xn--bcher-kva.example", List.of(new SrvRecord(0, 0, 1, "h")));
    assertThat(
            new ServerDiscovery(name -> zone.getOrDefault(name, List.of()), random)
                .candidates(new Domain("bücher.example")))
        .containsExactly(new ServerAddress("h", 1, false));
  }
}
