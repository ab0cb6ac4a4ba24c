// SPDX-License-Identifier: Apache-2.0
/// Sessions: who is signed in, in what state, over which connection.
///
/// [dev.latchkey.xmpp.session.SessionRegistry] is the one table of them, with one state field each,
/// so that a revocation finds a connection whatever it is doing.
/// [dev.latchkey.xmpp.session.Backend] is the door to the chat domain behind;
/// [dev.latchkey.xmpp.session.OwnServices] stands before it and answers what is Latchkey's own, so
/// that whatever is behind needs nothing for it.
@NullMarked
package dev.latchkey.xmpp.session;

import org.jspecify.annotations.NullMarked;
