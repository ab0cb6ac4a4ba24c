// SPDX-License-Identifier: Apache-2.0
/// Certificate request in, certificate out. No network, no files.
///
/// A request is read by [dev.latchkey.authority.CertificateRequest], judged by a list of
/// [dev.latchkey.authority.CertificateRequestCheck]s, and answered by the
/// [dev.latchkey.authority.CertificateAuthority] of its domain, which takes nothing from the
/// request but the public key.
@NullMarked
package dev.latchkey.authority;

import org.jspecify.annotations.NullMarked;
