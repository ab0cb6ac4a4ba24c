// SPDX-License-Identifier: Apache-2.0
/// The embedded chat domain, small: messages, presence, discovery, ping, version. The rules are
/// `chat`'s; here they meet sessions.
@NullMarked
package dev.latchkey.xmpp.backend;

import org.jspecify.annotations.NullMarked;
