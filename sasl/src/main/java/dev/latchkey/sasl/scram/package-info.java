// SPDX-License-Identifier: Apache-2.0
/// SCRAM (RFC 5802, RFC 7677) with and without channel binding, both halves, for accounts that have
/// many secrets at once.
///
/// The door is [dev.latchkey.sasl.scram.ScramDirectory]: it tells the salt before anything is
/// known, and the candidates once there is a proof to try them on. The server's half is
/// [dev.latchkey.sasl.scram.ScramMechanism], the client's [dev.latchkey.sasl.scram.ScramClient].
/// [dev.latchkey.sasl.scram.ScramSalts] and [dev.latchkey.sasl.scram.ScramSecrets] make what is
/// stored.
///
/// There is one class per message on the wire, each with a parser that takes exactly the grammar of
/// RFC 5802 §7. Nothing here knows base64 of the profile, XML, or where accounts are kept.
@NullMarked
package dev.latchkey.sasl.scram;

import org.jspecify.annotations.NullMarked;
