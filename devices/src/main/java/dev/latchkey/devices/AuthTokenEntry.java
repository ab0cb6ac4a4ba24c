// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.Device;
import java.time.Instant;

/// A live X-TOKEN in a list.
///
/// @param id its id: the `<token-uid/>`
/// @param client the software it was issued to
/// @param description the machine it was issued to
/// @param expires until when it is good
/// @param device whose it is, and when that was last seen
public record AuthTokenEntry(
    CredentialId id, String client, String description, Instant expires, Device device) {}
