// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.protocol;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/// Times on the wire (XEP-0082): UTC, whole seconds.
public final class Times {
  private Times() {}

  /// The text of a moment.
  public static String text(Instant moment) {
    return moment.truncatedTo(ChronoUnit.SECONDS).toString();
  }
}
