// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.history;

import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.Jid;

/// What one account keeps of a message. A message that somebody writes to themselves is one copy.
///
/// @param owner whose
/// @param peer the other side: who it is to if the owner wrote it, else who it is from
/// @param archived whether it goes into the owner's archive
/// @param offline whether it waits until the owner is there
public record Copy(AccountId owner, Jid peer, boolean archived, boolean offline) {}
