// SPDX-License-Identifier: Apache-2.0
/// Contacts and presence subscriptions (RFC 6121 §2, §3, Appendix A), without I/O.
///
/// [Roster] is a value; each operation on it gives a [RosterChange], which says what to store
/// through the door [RosterStore], what to push, and what to send. Who has which session, and where
/// a stanza goes, is not here.
@NullMarked
package dev.latchkey.chat.roster;

import org.jspecify.annotations.NullMarked;
