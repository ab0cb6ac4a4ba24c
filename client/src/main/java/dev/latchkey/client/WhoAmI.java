// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.CredentialKind;
import dev.latchkey.credential.DeviceId;
import dev.latchkey.credential.Jid;
import java.util.Optional;

/// As whom a client is signed in.
///
/// @param jid the full JID
/// @param device its device; nothing if it signed in by a password
/// @param mechanism by which mechanism it signed in
/// @param kind with what kind of credential; nothing if it signed in by a password
/// @param credential with which credential; nothing if it signed in by a password, or by a token
///   whose id the server did not tell
public record WhoAmI(
    Jid jid,
    Optional<DeviceId> device,
    String mechanism,
    Optional<CredentialKind> kind,
    Optional<CredentialId> credential) {}
