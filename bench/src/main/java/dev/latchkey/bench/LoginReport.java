// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.latchkey.wire.tls.TlsProvider;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Locale;

/// Logins beside bare handshakes of the same provider in the same run.
///
/// @param mechanism how was signed in
/// @param provider who did TLS in both servers
/// @param connections how many clients there were at a time
/// @param logins the logins
/// @param handshakes the handshakes
record LoginReport(
    LoginClients.Mechanism mechanism,
    TlsProvider provider,
    int connections,
    Measured logins,
    Measured handshakes) {
  /// How many times the server's work for a bare handshake a login costs.
  double ratio() {
    return logins.cpuMillis() / handshakes.cpuMillis();
  }

  /// For people.
  String table() {
    return String.format(
        Locale.ROOT,
        """
        %s over %s, %d connections at a time

                          per second   p50 ms   p99 ms   server CPU ms   failed
        login             %10.0f %8.2f %8.2f %15.3f %8d
        bare handshake    %10.0f %8.2f %8.2f %15.3f %8d

        A login costs the server %.2f times a bare TLS handshake.\
        """,
        word(mechanism),
        word(provider),
        connections,
        logins.perSecond(),
        logins.p50Millis(),
        logins.p99Millis(),
        logins.cpuMillis(),
        logins.failures(),
        handshakes.perSecond(),
        handshakes.p50Millis(),
        handshakes.p99Millis(),
        handshakes.cpuMillis(),
        handshakes.failures(),
        ratio());
  }

  /// For scripts: one line.
  String json() {
    ObjectNode line = JsonNodeFactory.instance.objectNode();
    line.put("mechanism", word(mechanism));
    line.put("provider", word(provider));
    line.put("connections", connections);
    line.set("login", json(logins));
    line.set("handshake", json(handshakes));
    line.put("ratio", rounded(ratio()));
    return line.toString();
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
