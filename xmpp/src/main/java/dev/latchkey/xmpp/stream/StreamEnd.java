// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.stream;

import dev.latchkey.wire.element.Element;
import java.util.Optional;

/// The stream does not go on. Thrown to leave the negotiation from wherever it stands: the one
/// place that catches it closes the connection, with the error if there is one.
public final class StreamEnd extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient Optional<Element> error;

  private StreamEnd(String rule, Optional<Element> error) {
    super(rule, null, false, false); // no stack trace: this is what peers do, not a bug
    this.error = error;
  }

  /// With a stream error.
  ///
  /// @param rule which rule was broken, for the log; holds nothing that the peer sent
  public static StreamEnd because(StreamCondition condition, String rule) {
    return new StreamEnd(rule, Optional.of(condition.error(Optional.empty())));
  }

  /// With a stream error that says more than its condition.
  ///
  /// @param rule as for [#because]
  public static StreamEnd with(Element error, String rule) {
    return new StreamEnd(rule, Optional.of(error));
  }

  /// With the stream error that the framing named.
  static StreamEnd refused(String condition, String rule) {
    return new StreamEnd(rule, Optional.of(StreamCondition.error(condition, Optional.empty())));
  }

  /// In order, or because the connection is gone: there is nobody to tell.
  static StreamEnd gone(String how) {
    return new StreamEnd(how, Optional.empty());
  }

  /// In order, after what was already said.
  public static StreamEnd closing(String why) {
    return gone(why);
  }

  /// What the peer is told, if anything.
  public Optional<Element> error() {
    return error;
  }

  /// The rule, for the log.
  public String rule() {
    return java.util.Objects.requireNonNull(getMessage());
  }
}
