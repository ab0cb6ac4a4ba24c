// SPDX-License-Identifier: Apache-2.0
/// SASL mechanisms as pure state machines, both halves: octets in, octets out. No I/O, no XML, no
/// base64.
///
/// A server half is a [dev.latchkey.sasl.SaslMechanism], a value in an explicit list; a client half
/// is a [dev.latchkey.sasl.ClientMechanism]. What a server half needs to know of accounts it asks
/// of doors declared beside it.
@NullMarked
package dev.latchkey.sasl;

import org.jspecify.annotations.NullMarked;
