// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.DeviceId;
import dev.latchkey.credential.Resource;
import java.time.Instant;
import java.util.Optional;

/// What an enrolled device remembers about itself; nothing of it is secret.
///
/// @param jid whose device it is
/// @param device its id at the server
/// @param credential the id of its certificate at the server
/// @param notAfter when the certificate ends
/// @param name what people call the device
/// @param resource what it is locked to
/// @param userAgent its user-agent id (XEP-0388), a UUID
/// @param server where the server listens, if DNS need not be asked
/// @param pin SHA-256 of the SPKI of the only trust anchor, if the invitation named one
public record DeviceAccount(
    AccountJid jid,
    DeviceId device,
    CredentialId credential,
    Instant notAfter,
    String name,
    Optional<Resource> resource,
    String userAgent,
    Optional<ServerAddress> server,
    Optional<Bytes> pin) {}
