// SPDX-License-Identifier: Apache-2.0
/// What is kept of messages: for who is away (XEP-0160), and as history (XEP-0313).
///
/// [dev.latchkey.chat.history.Keeping] decides, the door [dev.latchkey.chat.history.MessageStore]
/// keeps, and [dev.latchkey.chat.history.ArchiveRequests] answers what an owner asks. Who may ask,
/// where a message goes and who is connected are decided elsewhere.
@NullMarked
package dev.latchkey.chat.history;

import org.jspecify.annotations.NullMarked;
