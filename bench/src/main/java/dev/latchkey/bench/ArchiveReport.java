// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;

/// How fast an archive answers.
///
/// @param messages how many are in it
/// @param filling how long it took to keep them
/// @param octets how long the database is
/// @param queries what each kind of query took
record ArchiveReport(int messages, Duration filling, long octets, Map<String, Times> queries)
    implements Report {
  /// What each query may take, in milliseconds.
  private static final double BAR = 5;

  /// What one kind of query took.
  ///
  /// @param results how many messages are in its answer
  /// @param firstMillis what the very first took, when neither Java nor the database was warm
  /// @param measured the others
  record Times(int results, double firstMillis, Measured measured) {
    double ratio() {
      return measured.p99Millis() / BAR;
    }

    String verdict() {
      return ratio() < 1 ? "met" : "missed";
    }
  }

  @Override
  public String table() {
    StringBuilder table = new StringBuilder();
    table.append(
        String.format(
            Locale.ROOT,
            """
            %d messages, kept in %.1f s (%.0f a second), %d MB on disk

            %-36s %8s %9s %8s %8s %7s %7s
            """,
            messages,
            filling.toMillis() / 1e3,
            perSecond(),
            octets / 1_000_000,
            "",
            "results",
            "first ms",
            "p50 ms",
            "p99 ms",
            "bar ms",
            "ratio"));
    queries.forEach(
        (name, times) ->
            table.append(
                String.format(
                    Locale.ROOT,
                    "%-36s %8d %9.2f %8.3f %8.3f %7.1f %7.2f  %s%n",
                    name,
                    times.results(),
                    times.firstMillis(),
                    times.measured().p50Millis(),
                    times.measured().p99Millis(),
                    BAR,
                    times.ratio(),
                    times.verdict())));
    return table.toString().stripTrailing();
  }

  @Override
  public String json() {
    ObjectNode line = JsonNodeFactory.instance.objectNode();
    line.put("messages", messages);
    line.put("kept-per-second", rounded(perSecond()));
    line.put("octets", octets);
    ObjectNode all = line.putObject("queries");
    queries.forEach(
        (name, times) -> {
          ObjectNode query = all.putObject(name);
          query.put("results", times.results());
          query.put("first-ms", rounded(times.firstMillis()));
          query.put("p50-ms", rounded(times.measured().p50Millis()));
          query.put("p99-ms", rounded(times.measured().p99Millis()));
          query.put("bar-ms", rounded(BAR));
          query.put("ratio", rounded(times.ratio()));
          query.put("met", times.ratio() < 1);
        });
    return line.toString();
  }

  private double perSecond() {
    return messages / (filling.toNanos() / 1e9);
  }

  private static BigDecimal rounded(double value) {
    return BigDecimal.valueOf(value).setScale(3, RoundingMode.HALF_UP);
  }
}
