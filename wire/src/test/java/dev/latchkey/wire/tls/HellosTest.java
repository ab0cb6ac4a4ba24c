// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.wire.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.testkit.SeededRandom;
import dev.latchkey.testkit.Spec;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class HellosTest {
  private static final String RETRY =
      "cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c";
  private static final String RANDOM = "11".repeat(32);

  private static String lengths(int octets, String hex) {
    return ("%0" + 2 * octets + "x").formatted(hex.length() / 2) + hex;
  }

  private static String extension(int kind, String body) {
    return "%04x".formatted(kind) + lengths(2, body);
  }

  private static String serverName(String name) {
    String octets = HexFormat.of().formatHex(name.getBytes(StandardCharsets.US_ASCII));
    return extension(0, lengths(2, "00" + lengths(2, octets)));
  }

  private static String message(int type, String body) {
    return "%02x".formatted(type) + lengths(3, body);
  }

  private static String record(String fragment) {
    return "160303" + lengths(2, fragment);
  }

  private static String clientHello(String session, String extensions) {
    return message(
        1, "0303" + RANDOM + lengths(1, session) + "00021301" + "0100" + lengths(2, extensions));
  }

  private static String serverHello(String random, String session, String extensions) {
    return message(
        2,
        "0303"
            + random
            + lengths(1, session)
            + "130100"
            + (extensions.isEmpty() ? "" : lengths(2, extensions)));
  }

  private static ByteBuffer octets(String hex) {
    return ByteBuffer.wrap(HexFormat.of().parseHex(hex));
  }

  private static Hellos read(String client, String server) {
    Hellos hellos = new Hellos();
    hellos.fromClient(octets(client));
    hellos.fromServer(octets(server));
    return hellos;
  }

  @Spec(doc = "RFC 9266", section = "4.2", rule = "TLS 1.2 needs the extended master secret")
  @Test
  void seesNoExtendedMasterSecretWhereTheServerDidNotAgree() {
    String client = record(clientHello("", serverName("A.example") + extension(23, "")));
    Hellos without = read(client, record(serverHello(RANDOM, "", extension(65281, "00"))));
    assertThat(without.complete()).isTrue();
    assertThat(without.extendedMasterSecret()).isFalse();
    assertThat(without.serverName()).contains("a.example");
    assertThat(read(client, record(serverHello(RANDOM, "", ""))).extendedMasterSecret()).isFalse();
    assertThat(
            read(client, record(serverHello(RANDOM, "", extension(23, "")))).extendedMasterSecret())
        .isTrue();
  }

  @Test
  void tellsResumedFromFull() {
    String tls13 = extension(43, "0304");
    String client = record(clientHello("aabb", ""));
    assertThat(read(client, record(serverHello(RANDOM, "ccdd", ""))).resumed()).isFalse();
    assertThat(read(client, record(serverHello(RANDOM, "aabb", ""))).resumed()).isTrue();
    assertThat(read(record(clientHello("", "")), record(serverHello(RANDOM, "", ""))).resumed())
        .isFalse();
    assertThat(read(client, record(serverHello(RANDOM, "aabb", tls13))).resumed()).isFalse();
    assertThat(
            read(client, record(serverHello(RANDOM, "aabb", extension(41, "0000") + tls13)))
                .resumed())
        .isTrue();
  }

  @Test
  void waitsForTheHelloBehindARetry() {
    String tls13 = extension(43, "0304");
    Hellos hellos =
        read(
            record(clientHello("aa", "")),
            record(serverHello(RETRY, "aa", tls13)) + "140303000101");
    assertThat(hellos.complete()).isFalse();
    hellos.fromServer(octets(record(serverHello(RANDOM, "aa", extension(41, "0000") + tls13))));
    assertThat(hellos.complete()).isTrue();
    assertThat(hellos.resumed()).isTrue();
  }

  @Test
  void readsMessagesHoweverTheyAreCut() {
    SeededRandom random = SeededRandom.announced();
    // Another message before it, so that cuts meet the seam, too.
    byte[] messages =
        HexFormat.of().parseHex(message(0, "") + clientHello("aabb", serverName("a.example")));
    for (int i = 0; i < 500; i++) {
      int longestFragment = 1 + random.nextInt(i % 2 == 0 ? 3 : messages.length);
      StringBuilder records = new StringBuilder();
      for (int from = 0; from < messages.length; ) {
        int to = Math.min(messages.length, from + 1 + random.nextInt(longestFragment));
        records.append(record(HexFormat.of().formatHex(messages, from, to)));
        from = to;
      }
      byte[] all = HexFormat.of().parseHex(records);
      int longestFeed = 1 + random.nextInt(i % 3 == 0 ? 3 : all.length);
      Hellos hellos = new Hellos();
      for (int from = 0; from < all.length; ) {
        int to = Math.min(all.length, from + 1 + random.nextInt(longestFeed));
        ByteBuffer reused = ByteBuffer.wrap(all.clone(), from, to - from);
        hellos.fromClient(reused);
        Arrays.fill(reused.array(), (byte) 0xFF); // whoever lends a buffer takes it back
        from = to;
      }
      assertThat(hellos.serverName()).contains("a.example");
    }
  }

  @Test
  void learnsNothingFromWhatIsNoHandshake() {
    for (String octets :
        new String[] {
          "15030300020228",
          record("01000002ffff"),
          record(message(1, "0303")),
          record(clientHello("", "0000ffff")),
          record(clientHello("", extension(0, "ffff"))),
          HexFormat.of().formatHex("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII))
        }) {
      Hellos hellos = read(octets, octets);
      assertThat(hellos.serverName()).isEmpty();
      assertThat(hellos.resumed()).isFalse();
      assertThat(hellos.extendedMasterSecret()).isFalse();
    }
  }

  @Test
  void staysCalmWhateverComes() {
    SeededRandom random = SeededRandom.announced();
    byte[] good =
        HexFormat.of()
            .parseHex(record(clientHello("aabb", serverName("a.example") + extension(23, ""))));
    for (int i = 0; i < 20_000; i++) {
      byte[] damaged = good.clone();
      for (int n = 0; n < 3; n++) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      }
      Hellos hellos = new Hellos();
      hellos.fromClient(ByteBuffer.wrap(damaged));
      hellos.fromServer(ByteBuffer.wrap(damaged));
    }
    ByteArrayOutputStream endless = new ByteArrayOutputStream();
    for (int i = 0; i < 100_000; i++) {
      endless.writeBytes(HexFormat.of().parseHex("140303000101"));
    }
    Hellos hellos = new Hellos();
    hellos.fromClient(ByteBuffer.wrap(endless.toByteArray()));
    hellos.fromServer(ByteBuffer.wrap(endless.toByteArray()));
    assertThat(hellos.complete()).isTrue();
  }
}
