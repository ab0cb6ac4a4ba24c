// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.server;

import dev.latchkey.wire.socket.Source;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Refused streams as lines of the log: of each source and rule one a minute, and how many more
/// there were when the minute is over, so that nobody fills the log by being refused. Thread-safe,
/// and waits for nothing.
final class RefusedStreams {
  private static final Duration MINUTE = Duration.ofMinutes(1);

  /// So many pairs of source and rule are told apart; all others are one.
  private static final int MOST = 1024;

  /// A line.
  ///
  /// @param peer whom it is about; nothing where it is about many
  /// @param more how many it counts that had none; zero where it is about the one that has just
  ///   been refused
  record Line(Optional<String> peer, String condition, String rule, int more) {}

  /// @param source nothing for all that are not told apart
  private record Kind(Optional<Source> source, String condition, String rule) {}

  private static final class Count {
    final Instant since;
    int more;

    Count(Instant since) {
      this.since = since;
    }
  }

  private final InstantSource clock;

  /// The oldest first.
  private final Map<Kind, Count> counts = new LinkedHashMap<>();

  RefusedStreams(InstantSource clock) {
    this.clock = clock;
  }

  /// One was refused.
  ///
  /// @return what is to be written now, of this one and of earlier ones
  synchronized List<Line> add(InetSocketAddress peer, String condition, String rule) {
    Instant now = clock.instant();
    List<Line> lines = over(now);
    Kind kind = new Kind(Optional.of(Source.of(peer)), condition, rule);
    if (counts.size() >= MOST && !counts.containsKey(kind)) {
      kind = new Kind(Optional.empty(), condition, rule);
    }
    Count known = counts.get(kind);
    if (known == null) {
      counts.put(kind, new Count(now));
      lines.add(new Line(Optional.of(peer.toString()), condition, rule, 0));
    } else {
      known.more++;
    }
    return lines;
  }

  /// Forgets those whose minute is over.
  private List<Line> over(Instant now) {
    List<Line> lines = new ArrayList<>();
    Iterator<Map.Entry<Kind, Count>> oldest = counts.entrySet().iterator();
    while (oldest.hasNext()) {
      Map.Entry<Kind, Count> next = oldest.next();
      // Absolute, or a clock that was put back would silence it for as long.
      if (Duration.between(next.getValue().since, now).abs().compareTo(MINUTE) < 0) {
        break;
      }
      oldest.remove();
      Kind kind = next.getKey();
      if (next.getValue().more > 0) {
        lines.add(
            new Line(
                kind.source().map(source -> source.network().getHostAddress()),
                kind.condition(),
                kind.rule(),
                next.getValue().more));
      }
    }
    return lines;
  }
}
