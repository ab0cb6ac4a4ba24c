// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Properties;
import java.util.UUID;

/// The kit's file of a device that signs in by CLIENT-KEY.
final class CredentialFile {
  private static final List<String> COPIED =
      List.of(
          "device",
          "name",
          "credential",
          "client-id",
          "secret",
          "validation-key",
          "counter",
          "issued",
          "server",
          "pin");

  private CredentialFile() {}

  /// What stands in it for a device that the server has just made.
  static byte[] of(JsonNode made) throws IOException {
    Properties file = new Properties();
    COPIED.stream()
        .filter(made::has)
        .forEach(name -> file.setProperty(name, made.path(name).asText()));
    file.setProperty("jid", made.path("account").asText());
    file.setProperty("kind", "client-key");
    file.setProperty("not-after", made.path("expires").asText());
    file.setProperty("user-agent", UUID.randomUUID().toString());
    StringWriter text = new StringWriter();
    file.store(text, null);
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }
}
