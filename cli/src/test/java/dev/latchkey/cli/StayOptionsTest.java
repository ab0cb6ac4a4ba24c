// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.client.ClientException;
import dev.latchkey.client.ConnectionEvent;
import dev.latchkey.client.ConnectionLostException;
import dev.latchkey.credential.Jid;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class StayOptionsTest {
  private static final Jid NINA = Jid.parse("nina@localhost/phone");

  @Test
  void saysWhatHappensToTheConnection() {
    assertThat(StayOptions.said(new ConnectionEvent.Connected(NINA)))
        .contains("connected as nina@localhost/phone");
    assertThat(StayOptions.said(new ConnectionEvent.Lost(new ConnectionLostException("gone"))))
        .contains("lost: gone");
    assertThat(StayOptions.said(new ConnectionEvent.TryingAgain(Duration.ZERO)))
        .contains("trying again");
    assertThat(StayOptions.said(new ConnectionEvent.TryingAgain(Duration.ofMillis(3_210))))
        .contains("trying again in 3.2 s");
    assertThat(StayOptions.said(new ConnectionEvent.Resumed(0))).contains("resumed");
    assertThat(StayOptions.said(new ConnectionEvent.Resumed(1)))
        .contains("resumed, 1 stanza sent again");
    assertThat(StayOptions.said(new ConnectionEvent.Renewed(NINA, 2, List.of("m1", "m2"))))
        .contains(
            "a new session as nina@localhost/phone, 2 stanzas sent again; nobody knows whether the"
                + " server has the messages m1, m2");
    assertThat(
            StayOptions.said(
                new ConnectionEvent.HomeUnwritable(
                    new ClientException("/home/nina cannot be written: no space left"))))
        .contains(
            "/home/nina cannot be written: no space left; going on, but nothing is kept there");
    assertThat(StayOptions.said(new ConnectionEvent.CaughtUp()))
        .contains("caught up with the archive");
  }

  @Test
  void leavesTheEndToTheCommand() {
    assertThat(
            StayOptions.said(
                new ConnectionEvent.Ended(
                    new ConnectionLostException("gone"), List.of(), List.of())))
        .isEmpty();
  }
}
