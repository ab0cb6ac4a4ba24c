// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.latchkey.client.ClientException;
import dev.latchkey.client.ClientKeyFile;
import dev.latchkey.client.DeviceAccount;
import dev.latchkey.client.ServerAddress;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.CredentialKind;
import dev.latchkey.credential.DeviceId;
import dev.latchkey.credential.Secret;
import dev.latchkey.sasl.clientkey.HeldClientKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/// A device that the server has just made, key and all, as the operator's socket tells it.
final class ProvisionedDevice {
  private final JsonNode told;

  ProvisionedDevice(JsonNode told) {
    this.told = told;
  }

  /// Looks whether a file can be made: what the server tells, it tells once.
  ///
  /// @throws CommandException if it cannot
  static void requirePlace(Path file) {
    if (Files.exists(file)) {
      throw new CommandException(file + " is there already: choose another name.");
    }
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder) || !Files.isWritable(folder)) {
      throw new CommandException(file + " cannot be written: name a file in a folder of yours.");
    }
  }

  /// Writes the kit's file.
  ///
  /// @param userAgent what the device will call itself
  /// @throws CommandException if it cannot be written; then nobody has the key
  void writeTo(Path file, String userAgent) {
    try {
      ClientKeyFile.make(file, device(userAgent), key());
    } catch (ClientException failed) {
      throw new CommandException(
          "%s. Its key is lost: ./latchkey revoke %s %s"
              .formatted(failed.getMessage(), text("account"), text("device")));
    }
  }

  private DeviceAccount device(String userAgent) {
    return new DeviceAccount(
        AccountJid.parse(text("account")),
        new DeviceId(text("device")),
        CredentialKind.CLIENT_KEY,
        new CredentialId(text("credential")),
        Instant.parse(text("issued")),
        Instant.parse(text("expires")),
        text("name"),
        Optional.empty(),
        userAgent,
        find("server").map(ServerAddress::parse),
        find("pin").map(Bytes::hex));
  }

  private HeldClientKey key() {
    return new HeldClientKey(text("client-id"), secret("secret"), secret("validation-key"));
  }

  private String text(String name) {
    return told.path(name).asText();
  }

  private Optional<String> find(String name) {
    return Optional.ofNullable(told.get(name)).map(JsonNode::asText);
  }

  private Secret secret(String name) {
    return Secret.of(Bytes.base64(text(name)).orElseThrow());
  }
}
