// SPDX-License-Identifier: Apache-2.0
/// One XML stream as its server: headers, features, restarts, stream errors (RFC 6120 §4).
///
/// [dev.latchkey.xmpp.stream.ServerStream] is what the negotiation reads from and writes to;
/// whatever ends a stream is a [dev.latchkey.xmpp.stream.StreamEnd].
@NullMarked
package dev.latchkey.xmpp.stream;

import org.jspecify.annotations.NullMarked;
