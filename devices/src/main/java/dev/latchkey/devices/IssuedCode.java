// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.MachineSecret;
import dev.latchkey.credential.Resource;
import java.time.Instant;
import java.util.Optional;

/// A new one-time code; shown once.
///
/// @param id its id
/// @param token the secret
/// @param expires until when it can be redeemed
/// @param resource the resource that its device will be locked to
public record IssuedCode(
    CredentialId id, MachineSecret token, Instant expires, Optional<Resource> resource) {}
