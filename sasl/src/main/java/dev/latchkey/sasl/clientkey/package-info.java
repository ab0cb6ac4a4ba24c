// SPDX-License-Identifier: Apache-2.0
/// CLIENT-KEY (draft-cridland-kitten-clientkey-00) with and without channel binding, both halves,
/// with the repairs of 30.L and rule 56: what the server stores cannot sign in, every sign-in has a
/// counter of its own, and a counter that comes again shows a clone.
///
/// The door is [dev.latchkey.sasl.clientkey.ClientKeyDirectory]. The server's half is
/// [dev.latchkey.sasl.clientkey.ClientKeyMechanism], the client's
/// [dev.latchkey.sasl.clientkey.ClientKeyClient]. [dev.latchkey.sasl.clientkey.ClientKeyMaterial]
/// is the arithmetic of registering one, [dev.latchkey.sasl.clientkey.CounterWindow] says what a
/// counter shows.
///
/// Not here: what a counter says (the verifier itself knows), writing it down on either side, and
/// counting which key is to be paused.
@NullMarked
package dev.latchkey.sasl.clientkey;

import org.jspecify.annotations.NullMarked;
