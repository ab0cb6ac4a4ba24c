// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;

/// What sessions hold in memory whose clients are away.
///
/// @param sessions how many
/// @param stanzas how many messages wait for each
/// @param held by all together, in MiB
record SleepersReport(int sessions, int stanzas, double held) implements Report {
  private static final double BAR_MIB = 1024;

  /// Whether it is as little as it must be.
  boolean isMet() {
    return held <= BAR_MIB;
  }

  private String verdict() {
    return isMet() ? "met" : "missed";
  }

  @Override
  public String table() {
    return String.format(
        Locale.ROOT,
        """
        %d sessions asleep, %d messages waiting for each

                              measured     bar   ratio
        heap in MiB           %8.0f %7.0f %7.2f  %s
        KiB a session         %8.1f\
        """,
        sessions,
        stanzas,
        held,
        BAR_MIB,
        held / BAR_MIB,
        verdict(),
        held * 1024 / sessions);
  }

  @Override
  public String json() {
    ObjectNode line = JsonNodeFactory.instance.objectNode();
    line.put("sessions", sessions);
    line.put("stanzas", stanzas);
    line.put("measured-mib", Math.round(held));
    line.put("bar-mib", BAR_MIB);
    line.put("ratio", Math.round(held / BAR_MIB * 1000) / 1000.0);
    line.put("verdict", verdict());
    return line.toString();
  }
}
