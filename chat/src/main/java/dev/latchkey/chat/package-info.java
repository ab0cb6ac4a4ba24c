// SPDX-License-Identifier: Apache-2.0
/// RFC 6121's rules, without I/O: who gets a message, whose presence is whose to see.
///
/// [dev.latchkey.chat.Delivery] decides where a message goes, [dev.latchkey.chat.PresenceBook]
/// keeps who is available and who may know. Rosters, archives and personal eventing have no room
/// here yet.
@NullMarked
package dev.latchkey.chat;

import org.jspecify.annotations.NullMarked;
