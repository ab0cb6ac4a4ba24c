// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.session;

import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.DeviceId;
import java.util.Optional;

/// Who a session is.
///
/// @param account the account
/// @param jid its address
/// @param device the device; the unit of revocation
/// @param generation the device's generation when the proof was checked
/// @param credential what it signed in with; a device that has just been enrolled: what it was
///   given
/// @param mechanism how
public record SessionIdentity(
    AccountId account,
    AccountJid jid,
    DeviceId device,
    long generation,
    Optional<CredentialId> credential,
    String mechanism) {}
