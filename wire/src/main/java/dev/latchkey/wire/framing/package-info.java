// SPDX-License-Identifier: Apache-2.0
/// Octets to stream events, with hard limits from the first octet.
///
/// The door is [dev.latchkey.wire.framing.StreamFraming]. What it refuses is a
/// [dev.latchkey.wire.framing.StreamEvent.Refused] with the stream error that the peer gets.
@NullMarked
package dev.latchkey.wire.framing;

import org.jspecify.annotations.NullMarked;
