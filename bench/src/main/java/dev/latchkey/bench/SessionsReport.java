// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.latchkey.wire.tls.TlsProvider;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.Locale;

/// What idle sessions cost in memory.
///
/// @param provider who did TLS in the server
/// @param sessions how many there were
/// @param accounts of how many accounts
/// @param took how long it took to sign all in
/// @param before what the server held without them
/// @param with what it held with them
record SessionsReport(
    TlsProvider provider,
    int sessions,
    int accounts,
    Duration took,
    MemoryUse before,
    MemoryUse with)
    implements Report {
  /// KiB of heap and buffers that an idle session may cost.
  private static final double BAR = 20;

  /// KiB of heap for one session.
  double heap() {
    return each(with.heap() - before.heap());
  }

  /// KiB of buffers for one session.
  double direct() {
    return each(with.direct() - before.direct());
  }

  /// KiB of all memory for one session, TLS's own too.
  double resident() {
    return each(with.resident() - before.resident());
  }

  private double each(long octets) {
    return octets / 1024.0 / sessions;
  }

  @Override
  public String table() {
    double measured = heap() + direct();
    return String.format(
        Locale.ROOT,
        """
        %d idle sessions of %d accounts over %s, signed in within %.0f s

                                 KiB a session     bar   ratio
        heap                     %13.1f
        buffers outside          %13.1f
        heap and buffers         %13.1f %7.1f %7.2f  %s
        resident (with TLS)      %13.1f\
        """,
        sessions,
        accounts,
        word(),
        took.toMillis() / 1e3,
        heap(),
        direct(),
        measured,
        BAR,
        measured / BAR,
        verdict(),
        resident());
  }

  @Override
  public String json() {
    ObjectNode line = JsonNodeFactory.instance.objectNode();
    line.put("provider", word());
    line.put("sessions", sessions);
    line.put("accounts", accounts);
    line.put("seconds", rounded(took.toMillis() / 1e3));
    line.put("heap-kib", rounded(heap()));
    line.put("direct-kib", rounded(direct()));
    line.put("resident-kib", rounded(resident()));
    line.put("measured", rounded(heap() + direct()));
    line.put("bar", BAR);
    line.put("ratio", rounded((heap() + direct()) / BAR));
    line.put("verdict", verdict());
    return line.toString();
  }

  private String verdict() {
    return heap() + direct() <= BAR ? "met" : "missed";
  }

  private String word() {
    return provider.name().toLowerCase(Locale.ROOT);
  }

  private static BigDecimal rounded(double value) {
    return BigDecimal.valueOf(value).setScale(3, RoundingMode.HALF_UP);
  }
}
