// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.latchkey.wire.tls.TlsProvider;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Locale;

/// Messages through the server beside the same octets that a bare TLS server sends back.
///
/// @param provider who did TLS in both servers
/// @param pairs how many pairs of clients there were
/// @param archived whether both archives keep each message
/// @param octets how long a message is
/// @param turns round trips of two messages, and beside them of two echoes
record MessageReport(TlsProvider provider, int pairs, boolean archived, int octets, Turns turns)
    implements Report {
  /// So many times what the echo costs may a message cost.
  private static final double BAR = 2.5;

  /// How many times the server's work for an echo a message costs.
  double cpuRatio() {
    return turns.ours().cpuMillis() / turns.bare().cpuMillis();
  }

  /// How many times more echoes than messages there were in the same time.
  double rateRatio() {
    return turns.bare().perSecond() / turns.ours().perSecond();
  }

  @Override
  public String table() {
    return String.format(
        Locale.ROOT,
        """
        %d pairs over %s, %d octets a message, archive %s

                     round trips a second   p50 ms   p99 ms   server CPU ms a message
        message      %20.0f %8.3f %8.3f %25.4f
        bare echo    %20.0f %8.3f %8.3f %25.4f

                                        measured     bar   ratio
        CPU of a message, of an echo    %8.2f %7.1f %7.2f  %s
        echoes for each message         %8.2f %7.1f %7.2f  %s\
        """,
        pairs,
        word(provider),
        octets,
        archived ? "on" : "off",
        turns.ours().perSecond(),
        turns.ours().p50Millis(),
        turns.ours().p99Millis(),
        turns.ours().cpuMillis() / 2,
        turns.bare().perSecond(),
        turns.bare().p50Millis(),
        turns.bare().p99Millis(),
        turns.bare().cpuMillis() / 2,
        cpuRatio(),
        BAR,
        cpuRatio() / BAR,
        verdict(cpuRatio()),
        rateRatio(),
        BAR,
        rateRatio() / BAR,
        verdict(rateRatio()));
  }

  @Override
  public String json() {
    ObjectNode line = JsonNodeFactory.instance.objectNode();
    line.put("provider", word(provider));
    line.put("pairs", pairs);
    line.put("archive", archived ? "on" : "off");
    line.put("octets", octets);
    line.set("message", json(turns.ours()));
    line.set("echo", json(turns.bare()));
    line.put("bar", BAR);
    line.put("cpu-ratio", rounded(cpuRatio()));
    line.put("cpu-verdict", verdict(cpuRatio()));
    line.put("rate-ratio", rounded(rateRatio()));
    line.put("rate-verdict", verdict(rateRatio()));
    return line.toString();
  }

  private static ObjectNode json(Measured measured) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    object.put("round-trips", measured.count());
    object.put("seconds", rounded(measured.seconds()));
    object.put("round-trips-per-second", rounded(measured.perSecond()));
    object.put("p50-ms", rounded(measured.p50Millis()));
    object.put("p99-ms", rounded(measured.p99Millis()));
    object.put("server-cpu-ms-per-message", rounded(measured.cpuMillis() / 2));
    return object;
  }

  private static String verdict(double measured) {
    return measured <= BAR ? "met" : "missed";
  }

  private static BigDecimal rounded(double value) {
    return BigDecimal.valueOf(value).setScale(4, RoundingMode.HALF_UP);
  }

  private static String word(TlsProvider provider) {
    return provider.name().toLowerCase(Locale.ROOT);
  }
}
