// SPDX-License-Identifier: Apache-2.0
/// Personal eventing: the nodes of an account, what is published there, and who is told (XEP-0163,
/// and XEP-0060 as far as an account's own address needs it).
///
/// The door in is [Eventing]; what it keeps goes through [NodeStore]. Who is online, and which of
/// their clients asked for what, is not known here: a [Notification] says whom it is for, and
/// [CapabilityCache] remembers what clients said they want (XEP-0115).
@NullMarked
package dev.latchkey.chat.eventing;

import org.jspecify.annotations.NullMarked;
