// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.wire.framing;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Octets to stream events.
///
/// Every octet passes three gates: strict UTF-8, the markup that a stream may have (RFC 6120 §11.1:
/// no comment, no processing instruction, no document type, no entity but the five), and the
/// limits. Only a first-level element that passed them whole is parsed, in one piece, so that
/// nothing depends on how the octets were cut on their way. What is waiting for its end is never
/// longer than the limit.
///
/// Not thread-safe: one thread at a time, which may change.
public final class StreamFraming {
  private static final int SMALL = 4096;

  /// Octets of a stream's header, whatever an element may have: two of the longest addresses (RFC
  /// 7622 §3.1) fit. It is kept as long as the stream.
  private static final int HEADER = 8192;

  private StreamLimits limits;
  private StreamLimits nextLimits;
  private Utf8Decoder utf8 = new Utf8Decoder();
  private MarkupScanner scanner;
  private ElementReader reader = new ElementReader();
  private ByteArrayOutputStream begun = new ByteArrayOutputStream(0);
  private int octets;
  private int most;
  private boolean opened;
  private int space;
  private boolean over;
  private boolean closing;

  /// Reads a stream from its first octet.
  public StreamFraming(StreamLimits limits) {
    this.limits = limits;
    this.nextLimits = limits;
    this.scanner = new MarkupScanner(limits);
  }

  /// From the next octet on a new stream is read.
  public void restart(StreamLimits limits) {
    this.limits = limits;
    nextLimits = limits;
    utf8 = new Utf8Decoder();
    scanner = new MarkupScanner(limits);
    reader = new ElementReader();
    begun = new ByteArrayOutputStream(0);
    octets = 0;
    opened = false;
    space = 0;
    over = false;
    closing = false;
  }

  /// Other limits, from the next first-level element on.
  public void limits(StreamLimits limits) {
    nextLimits = limits;
  }

  /// Reads all the octets there are.
  public List<StreamEvent> feed(byte[] octets) {
    return feed(ByteBuffer.wrap(octets));
  }

  /// Reads all the octets there are.
  public List<StreamEvent> feed(ByteBuffer octets) {
    List<StreamEvent> events = new ArrayList<>();
    for (Optional<StreamEvent> event = next(octets); event.isPresent(); event = next(octets)) {
      events.add(event.get());
    }
    return events;
  }

  /// Reads octets up to the end of the next event; the octets behind it are left in the buffer, so
  /// that [#restart] and [#limits] hold for them.
  ///
  /// @param in read from its position on
  /// @return the event, or nothing if all octets were read and none is complete
  public Optional<StreamEvent> next(ByteBuffer in) {
    if (closing) {
      closing = false;
      over = true;
      return Optional.of(new StreamEvent.Closed());
    }
    if (over) {
      in.position(in.limit()); // after </stream:stream> or a refusal nothing counts any more
      return Optional.empty();
    }
    try {
      return read(in);
    } catch (Refusal refusal) {
      over = true;
      begun = new ByteArrayOutputStream(0);
      in.position(in.limit());
      return Optional.of(refusal.event());
    }
  }

  private Optional<StreamEvent> read(ByteBuffer in) throws Refusal {
    int from = in.position();
    while (in.hasRemaining()) {
      int octet = in.get() & 0xFF;
      if (octets > 0 && ++octets > most) {
        throw Refusal.policyViolation("an element that is too large");
      }
      int character = utf8.accept(octet);
      if (character == Utf8Decoder.UNFINISHED) {
        continue;
      }
      if (octets == 0 && character == '<') {
        octets = 1;
        from = in.position() - 1;
        limits = nextLimits;
        most = opened ? limits.elementBytes() : Math.min(limits.elementBytes(), HEADER);
        scanner.limits(limits);
      }
      MarkupScanner.Step step = scanner.accept(character);
      switch (step) {
        case PART -> {}
        case BETWEEN -> {
          octets = 0;
          begun.reset();
          // Keep-alives (RFC 6120 §4.6.1) are free, a flood of them is not.
          if (++space > limits.elementBytes()) {
            throw Refusal.policyViolation("too much white space between elements");
          }
        }
        case HEADER, EMPTY_STREAM, ELEMENT, END -> {
          StreamEvent event = complete(step, in, from);
          octets = 0;
          space = 0;
          return Optional.of(event);
        }
      }
    }
    if (octets > 0) {
      int length = in.position() - from;
      begun.writeBytes(slice(in, from, length));
    }
    return Optional.empty();
  }

  private StreamEvent complete(MarkupScanner.Step step, ByteBuffer in, int from) throws Refusal {
    byte[] whole = slice(in, from, in.position() - from);
    if (begun.size() > 0) {
      begun.writeBytes(whole);
      whole = begun.toByteArray();
      if (whole.length > SMALL) {
        begun = new ByteArrayOutputStream(0);
      } else {
        begun.reset();
      }
    }
    return switch (step) {
      case HEADER, EMPTY_STREAM -> {
        StreamHeader header = reader.header(whole);
        opened = true;
        closing = step == MarkupScanner.Step.EMPTY_STREAM;
        yield new StreamEvent.Opened(header);
      }
      case ELEMENT -> new StreamEvent.Received(reader.element(whole, limits.elementBytes()));
      default -> {
        reader.end(whole);
        over = true;
        yield new StreamEvent.Closed();
      }
    };
  }

  private static byte[] slice(ByteBuffer in, int from, int length) {
    byte[] slice = new byte[length];
    in.get(from, slice);
    return slice;
  }
}
