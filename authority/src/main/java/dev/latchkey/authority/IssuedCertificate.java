// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.authority;

import dev.latchkey.credential.Bytes;
import java.time.Instant;

/// What was signed.
///
/// @param leaf the device's certificate, DER
/// @param issuing the certificate of the authority that signed it, DER
/// @param notAfter when the leaf expires
public record IssuedCertificate(Bytes leaf, Bytes issuing, Instant notAfter) {}
