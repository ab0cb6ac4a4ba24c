// SPDX-License-Identifier: Apache-2.0
/// HT (draft-schmaus-kitten-sasl-ht-09, as XEP-0484 uses it), both halves: a device proves that it
/// holds a token by a MAC under it, and the server answers in kind, one message each way.
///
/// The door is [dev.latchkey.sasl.ht.HtDirectory], which gives the tokens that a proof may belong
/// to. The server's half is [dev.latchkey.sasl.ht.HtMechanism], the client's
/// [dev.latchkey.sasl.ht.HtClient].
///
/// With -EXPR and -UNIQ a proof is good on one connection only. With -ENDP and -NONE it is the same
/// octets every time: who reads it once can sign in with it.
///
/// Not here: issuing, rotating and invalidating tokens, and everything of `urn:xmpp:fast:0`.
@NullMarked
package dev.latchkey.sasl.ht;

import org.jspecify.annotations.NullMarked;
