// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.wire.framing;

import dev.latchkey.wire.element.Element;

/// What comes in over a stream.
public sealed interface StreamEvent {
  /// The stream was opened, or opened again after a restart.
  record Opened(StreamHeader header) implements StreamEvent {}

  /// A first-level element is complete.
  record Received(Element element) implements StreamEvent {}

  /// The peer closed its stream in order.
  record Closed() implements StreamEvent {}

  /// What came is not to be had; nothing more will come after this.
  ///
  /// @param condition the stream error (RFC 6120 §4.9.3), as its element is named
  /// @param rule which rule it broke, for the log; holds nothing that the peer sent
  record Refused(String condition, String rule) implements StreamEvent {}

  /// The connection is gone.
  record Disconnected() implements StreamEvent {}
}
