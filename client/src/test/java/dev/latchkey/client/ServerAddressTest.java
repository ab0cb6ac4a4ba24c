// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ServerAddressTest {
  @ParameterizedTest
  @CsvSource({
    "localhost,localhost,5222,false",
    "localhost:15222,localhost,15222,false",
    "localhost:5223,localhost,5223,true",
    "tls:localhost,localhost,5223,true",
    "tls:localhost:443,localhost,443,true",
    "[::1]:5222,::1,5222,false",
    "tls:[::1],::1,5223,true",
    "127.0.0.1:1,127.0.0.1,1,false",
  })
  void readsHostPortAndTls(String text, String host, int port, boolean direct) {
    ServerAddress address = ServerAddress.parse(text);
    assertThat(address).isEqualTo(new ServerAddress(host, port, direct));
    assertThat(ServerAddress.parse(address.toString())).isEqualTo(address);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ":5222",
        "a b:1",
        "host:",
        "host:x",
        "host:0",
        "host:65536",
        "::1",
        "tls:",
        "h:1:2"
      })
  void refusesWhatIsNone(String text) {
    assertThatThrownBy(() -> ServerAddress.parse(text)).isInstanceOf(InvalidInputException.class);
  }

  @Test
  void keepsStartTlsOnAnotherPortApart() {
    assertThat(new ServerAddress("h", 443, true)).hasToString("tls:h:443");
    assertThat(new ServerAddress("h", 443, false)).hasToString("h:443");
  }
}
