// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import dev.latchkey.credential.Bytes;

/// A wish for a FAST token (XEP-0484 `<request-token/>`).
///
/// @param mechanism the HT mechanism it shall be good for, by its name on the wire
/// @param userAgent SHA-256 of the user-agent id that asks (rule 35)
public record TokenWish(String mechanism, Bytes userAgent) {}
