// SPDX-License-Identifier: Apache-2.0
/// Whom an account does not hear (XEP-0191), without I/O: the list, the requests that change it,
/// what becomes of stanzas, and the door [BlockStore]. Sending is not here.
@NullMarked
package dev.latchkey.chat.blocking;

import org.jspecify.annotations.NullMarked;
