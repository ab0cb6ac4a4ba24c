// SPDX-License-Identifier: Apache-2.0
/// The questions that are asked of a request before it is signed (30.B). The door is
/// [dev.latchkey.authority.policy.CertificateRequestChecks]. Who may ask at all, and whether the
/// request is linked to the code or the channel, is not asked here.
@NullMarked
package dev.latchkey.authority.policy;

import org.jspecify.annotations.NullMarked;
