// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.CredentialKind;
import dev.latchkey.credential.DeviceId;
import dev.latchkey.credential.Resource;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;

/// What an enrolled device remembers about itself; nothing of it is secret.
///
/// @param jid whose device it is
/// @param device its id at the server
/// @param kind what it was enrolled with
/// @param credential the id at the server of what it was enrolled with
/// @param issued when that was made; what came for the account before is not this device's to show
/// @param notAfter when that ends
/// @param name what the device calls itself
/// @param resource what it is locked to
/// @param userAgent its user-agent id (XEP-0388), a UUID
/// @param server where the server listens, if DNS need not be asked
/// @param pin SHA-256 of the SPKI of the only trust anchor, if the invitation named one
public record DeviceAccount(
    AccountJid jid,
    DeviceId device,
    CredentialKind kind,
    CredentialId credential,
    Instant issued,
    Instant notAfter,
    String name,
    Optional<Resource> resource,
    String userAgent,
    Optional<ServerAddress> server,
    Optional<Bytes> pin) {

  /// Reads what [#writeTo] wrote.
  static DeviceAccount read(Entries file) throws GeneralSecurityException {
    return new DeviceAccount(
        AccountJid.parse(file.need("jid")),
        new DeviceId(file.need("device")),
        kind(file.need("kind")),
        new CredentialId(file.need("credential")),
        Instant.parse(file.need("issued")),
        Instant.parse(file.need("not-after")),
        file.find("name").orElse(""),
        file.find("resource").map(Resource::new),
        file.need("user-agent"),
        file.find("server").map(ServerAddress::parse),
        file.find("pin").map(Bytes::hex));
  }

  private static CredentialKind kind(String word) throws GeneralSecurityException {
    return Arrays.stream(CredentialKind.values())
        .filter(kind -> kind.word().equals(word))
        .findAny()
        .orElseThrow(() -> new GeneralSecurityException("`kind` is none that this version knows"));
  }

  Entries writeTo(Entries file) {
    return file.with("jid", jid.toString())
        .with("device", device.value())
        .with("kind", kind.word())
        .with("credential", credential.value())
        .with("issued", issued.toString())
        .with("not-after", notAfter.toString())
        .with("name", name)
        .with("resource", resource.map(Resource::name))
        .with("user-agent", userAgent)
        .with("server", server.map(ServerAddress::toString))
        .with("pin", pin.map(Bytes::toHex));
  }
}
