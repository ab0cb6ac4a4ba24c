// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.wire.framing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.testkit.SeededRandom;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Reads streams in tests, however they are cut.
final class Streams {
  static final String OPEN =
      "<?xml version='1.0'?><stream:stream xmlns='jabber:client'"
          + " xmlns:stream='http://etherx.jabber.org/streams' to='example.org' version='1.0'>";

  private static final SeededRandom RANDOM = SeededRandom.announced();

  private Streams() {}

  static List<StreamEvent> read(String stream) {
    return read(stream.getBytes(StandardCharsets.UTF_8), StreamLimits.UNAUTHENTICATED);
  }

  /// The events of a stream: whole, octet by octet and in pieces of any length they must be the
  /// same.
  static List<StreamEvent> read(byte[] stream, StreamLimits limits) {
    List<StreamEvent> whole = new StreamFraming(limits).feed(stream);
    StreamFraming slow = new StreamFraming(limits);
    List<StreamEvent> single = new ArrayList<>();
    for (byte octet : stream) {
      single.addAll(slow.feed(new byte[] {octet}));
    }
    single.addAll(slow.feed(new byte[0]));
    assertThat(single).as("octet by octet").isEqualTo(whole);
    for (int i = 0; i < 3; i++) {
      StreamFraming cut = new StreamFraming(limits);
      List<StreamEvent> pieces = new ArrayList<>();
      for (int from = 0; from < stream.length; ) {
        int until = Math.min(stream.length, from + 1 + RANDOM.nextInt(40));
        pieces.addAll(cut.feed(ByteBuffer.wrap(Arrays.copyOfRange(stream, from, until))));
        from = until;
      }
      assertThat(pieces).as("in pieces").isEqualTo(whole);
    }
    return whole;
  }

  /// How the stream ended, if it was refused.
  static String condition(List<StreamEvent> events) {
    return events.getLast() instanceof StreamEvent.Refused(String condition, String rule)
        ? condition
        : "none: " + events;
  }
}
