// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.authority;

import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.Resource;
import java.time.Instant;
import java.util.Optional;

/// What to sign.
///
/// @param publicKey the DER SubjectPublicKeyInfo
/// @param account the address that goes into the certificate
/// @param resource the resource that goes with it, where the device is locked to one
/// @param credential the id that becomes the subject's CN
/// @param now the time; validity starts a little before
public record IssueOrder(
    Bytes publicKey,
    AccountJid account,
    Optional<Resource> resource,
    CredentialId credential,
    Instant now) {}
