// SPDX-License-Identifier: Apache-2.0
/// X-TOKEN (XSF inbox, auth-tokens 0.0.1), both halves: the token itself is sent, as a password is
/// with PLAIN. Whoever copies it has it, and nothing about its use tells the copy from the
/// original.
///
/// The door is [dev.latchkey.sasl.xtoken.TokenDirectory]. The server's half is
/// [dev.latchkey.sasl.xtoken.XTokenMechanism], the client's
/// [dev.latchkey.sasl.xtoken.XTokenClient].
///
/// Not here: `https://xabber.com/protocol/auth-tokens`, and noticing that a token is in two places.
@NullMarked
package dev.latchkey.sasl.xtoken;

import org.jspecify.annotations.NullMarked;
