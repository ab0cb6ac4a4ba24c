// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.latchkey.wire.tls.TlsProvider;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.OptionalDouble;

/// Connections that are signed in, or whose session is resumed, beside bare handshakes of the same
/// provider in the same run.
///
/// @param what was done on them
/// @param provider who did TLS in both servers
/// @param connections how many clients there were at a time
/// @param turns the sign-ins, and beside them the handshakes, full or resumed as those of the
///   sign-ins were
/// @param bar so many times what the handshake costs the server a sign-in may cost; nothing if no
///   figure is set
record SignInReport(
    String what, TlsProvider provider, int connections, Turns turns, OptionalDouble bar)
    implements Report {
  /// How many times the server's work for a bare handshake one costs.
  double ratio() {
    return turns.ours().cpuMillis() / turns.bare().cpuMillis();
  }

  /// Whether something failed.
  boolean isClean() {
    return turns.ours().failures() + turns.bare().failures() == 0;
  }

  @Override
  public String table() {
    return String.format(
        Locale.ROOT,
        """
        %s over %s, %d connections at a time

                          per second   p50 ms   p99 ms   server CPU ms   failed
        %-16s  %10.0f %8.2f %8.2f %15.3f %8d
        bare handshake    %10.0f %8.2f %8.2f %15.3f %8d

        CPU of one, of a bare handshake: measured %.2f%s\
        """,
        what,
        word(provider),
        connections,
        what,
        turns.ours().perSecond(),
        turns.ours().p50Millis(),
        turns.ours().p99Millis(),
        turns.ours().cpuMillis(),
        turns.ours().failures(),
        turns.bare().perSecond(),
        turns.bare().p50Millis(),
        turns.bare().p99Millis(),
        turns.bare().cpuMillis(),
        turns.bare().failures(),
        ratio(),
        bar.isPresent()
            ? String.format(
                Locale.ROOT,
                ", bar %.1f, ratio %.2f: %s",
                bar.getAsDouble(),
                ratio() / bar.getAsDouble(),
                verdict(bar.getAsDouble()))
            : "");
  }

  @Override
  public String json() {
    ObjectNode line = JsonNodeFactory.instance.objectNode();
    line.put("what", what);
    line.put("provider", word(provider));
    line.put("connections", connections);
    line.set("sign-in", json(turns.ours()));
    line.set("handshake", json(turns.bare()));
    line.put("measured", rounded(ratio()));
    bar.ifPresent(
        most -> {
          line.put("bar", most);
          line.put("ratio", rounded(ratio() / most));
          line.put("verdict", verdict(most));
        });
    return line.toString();
  }

  private String verdict(double most) {
    return ratio() <= most ? "met" : "missed";
  }

  private static ObjectNode json(Measured measured) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    object.put("count", measured.count());
    object.put("failed", measured.failures());
    object.put("seconds", rounded(measured.seconds()));
    object.put("per-second", rounded(measured.perSecond()));
    object.put("p50-ms", rounded(measured.p50Millis()));
    object.put("p99-ms", rounded(measured.p99Millis()));
    object.put("server-cpu-ms", rounded(measured.cpuMillis()));
    return object;
  }

  private static BigDecimal rounded(double value) {
    return BigDecimal.valueOf(value).setScale(3, RoundingMode.HALF_UP);
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
