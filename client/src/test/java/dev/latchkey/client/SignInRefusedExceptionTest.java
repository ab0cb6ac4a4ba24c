// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SignInRefusedExceptionTest {
  private static SignInRefusedException refusal(Optional<Element> application, String text) {
    return SignInRefusedException.of(
        Element.named("failure", Namespaces.SASL2)
            .child("not-authorized", Namespaces.SASL)
            .child(application)
            .child(Element.text("text", Namespaces.SASL2, text))
            .build(),
        FakeServer.NINA,
        Map.of("not-authorized", "Try again"));
  }

  @Test
  void saysOnceThatTheDeviceWasRevokedAndWhatToDo() {
    assertThat(
            refusal(
                Optional.of(Element.empty("credential-revoked", Namespaces.LATCHKEY_EVENTS)),
                "This device was revoked."))
        .hasMessage(
            "nina@chat.example: the server refused: this device was revoked. To let it in again,"
                + " ask for a new invitation, and enrol with --replace");
  }

  @Test
  void tellsTheServersOwnWordsAndTheHint() {
    assertThat(refusal(Optional.empty(), "Not today"))
        .hasMessage("nina@chat.example: the server refused: not-authorized: Not today. Try again");
  }
}
