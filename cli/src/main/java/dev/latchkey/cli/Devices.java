// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/// How lists of devices, invitations and revocations are shown to the eye.
final class Devices {
  private Devices() {}

  /// A row for each device.
  static void show(Console console, List<JsonNode> devices) {
    Table table =
        new Table("ID", "NAME", "STATUS", "CONNECTED", "CREDENTIALS", "FIRST SEEN", "LAST SEEN");
    for (JsonNode device : devices) {
      String credentials =
          StreamSupport.stream(device.path("credentials").spliterator(), false)
              .map(
                  credential ->
                      credential.path("kind").asText()
                          + " "
                          + credential.path("status").asText()
                          + (credential.has("expires")
                              ? " until " + credential.path("expires").asText()
                              : ""))
              .collect(Collectors.joining(", "));
      table.row(
          device.path("id").asText(),
          device.path("name").asText("-"),
          device.path("status").asText("-")
              + (device.path("unbound").asBoolean() ? ", unbound" : ""),
          device.path("connected").asBoolean() ? "yes" : "no",
          credentials.isEmpty() ? "-" : credentials,
          device.path("first-seen").asText("-"),
          device.path("last-seen").asText("-"));
    }
    table.print(console);
  }

  /// The URI and what to do with it.
  static void showInvitation(Console console, JsonNode invitation) {
    String uri = invitation.path("uri").asText();
    console.say(
        "An invitation for %s%s; it is good once, until %s."
            .formatted(
                invitation.path("account").asText(),
                invitation.path("created").asBoolean() ? " (a new account)" : "",
                invitation.path("expires").asText("its end")));
    console.say("");
    console.say(uri);
    if (console.terminal()) {
      console.say("");
      console.out().print(new QrCode(uri).draw());
    }
    console.say("");
    console.say("Scan it with a client that knows Latchkey, or paste it on the device into:");
    // Not as an argument: other users of that machine see those, and the shell keeps them.
    console.say("  ./latchkey enrol -");
  }

  /// Where the credential is, and what to do with it.
  static void showProvisioned(Console console, JsonNode made) {
    console.say(
        "A device for %s%s; its key is good until %s."
            .formatted(
                made.path("account").asText(),
                made.path("created").asBoolean() ? " (a new account)" : "",
                made.path("expires").asText()));
    console.say("");
    console.say("device  " + made.path("device").asText());
    console.say("file    " + made.path("file").asText());
    console.say("");
    console.say("Put it into an empty folder of the device as client-key.properties, and there:");
    console.say("  ./latchkey whoami --home FOLDER");
    console.say("Whoever has the file is the device: move it, leave no copy behind.");
  }

  /// What is gone now.
  static void showRevoked(Console console, JsonNode answer) {
    for (JsonNode id : answer.path("revoked")) {
      console.say("revoked " + id.asText());
    }
  }
}
