// SPDX-License-Identifier: Apache-2.0
/// Certificate request in, certificate out. No network, no files.
///
/// A request is read by [dev.latchkey.authority.request.RequestReader], judged by the list of
/// [dev.latchkey.authority.policy.CertificateRequestChecks], and answered by the
/// [dev.latchkey.authority.CertificateAuthority] of its domain, which takes nothing from the
/// request but the public key.
@NullMarked
package dev.latchkey.authority;

import org.jspecify.annotations.NullMarked;
