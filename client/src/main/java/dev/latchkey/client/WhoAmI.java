// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.DeviceId;
import dev.latchkey.credential.Jid;
import java.util.Optional;

/// As whom a client is signed in.
///
/// @param jid the full JID
/// @param device its device; nothing if it signed in by a password
/// @param mechanism by which mechanism it signed in
/// @param credential with which credential; nothing if it signed in by a password
public record WhoAmI(
    Jid jid, Optional<DeviceId> device, String mechanism, Optional<CredentialId> credential) {}
