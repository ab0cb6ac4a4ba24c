// SPDX-License-Identifier: Apache-2.0
/// Connections over TCP: one kind for both sides, over Netty.
///
/// A listener takes them, a connector makes them, [dev.latchkey.wire.socket.Connection] is what
/// both give.
@NullMarked
package dev.latchkey.wire.socket;

import org.jspecify.annotations.NullMarked;
