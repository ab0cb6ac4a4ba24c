// SPDX-License-Identifier: Apache-2.0
/// Reading what a stranger may have written: a PKCS#10 request (RFC 2986), or a certificate. The
/// doors are [dev.latchkey.authority.request.RequestReader] and
/// [dev.latchkey.authority.request.CertificateReader]. What a request may ask for is judged
/// elsewhere.
@NullMarked
package dev.latchkey.authority.request;

import org.jspecify.annotations.NullMarked;
