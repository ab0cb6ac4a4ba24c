// SPDX-License-Identifier: Apache-2.0
/// The rules of an XMPP domain, without I/O, a room for each: `.stanza` what stanzas are,
/// `.delivery` where a message goes, `.roster` contacts and subscriptions, `.history` what is kept
/// of messages, `.eventing` nodes and their items, `.storage` what a client stores privately. Each
/// room that keeps something declares the door of its store.
@NullMarked
package dev.latchkey.chat;

import org.jspecify.annotations.NullMarked;
