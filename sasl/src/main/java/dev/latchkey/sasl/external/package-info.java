// SPDX-License-Identifier: Apache-2.0
/// EXTERNAL over TLS (RFC 4422 appendix A, XEP-0178): whoever showed a certificate in the handshake
/// signs in by it.
///
/// The registry decides which account that is, never what the certificate says of itself: the door
/// is [dev.latchkey.sasl.external.CertificateRegistry], and the whole table is one pure function,
/// [dev.latchkey.sasl.external.ExternalDecision#decide].
@NullMarked
package dev.latchkey.sasl.external;

import org.jspecify.annotations.NullMarked;
