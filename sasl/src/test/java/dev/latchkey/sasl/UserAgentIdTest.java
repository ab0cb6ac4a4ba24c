// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Domain;
import dev.latchkey.testkit.Spec;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class UserAgentIdTest {
  private static final UserAgentId ID = new UserAgentId("d4565fa7-4d72-4749-b3d3-740edbf87770");

  @Test
  @Spec(doc = "latchkey", section = "35", rule = "the user-agent id is never shown")
  void isNeverShown() {
    SignInRequest request =
        new SignInRequest(
            new ConnectionFacts(Map.of(), Optional.empty()),
            new Domain("chat.example"),
            Optional.empty(),
            Optional.of(ID),
            List.of());
    assertThat(ID.toString()).isEqualTo("[user agent]");
    assertThat(request.toString()).contains("[user agent]").doesNotContain("d4565fa7");
  }

  @Test
  void isLookedUpByItsHash() {
    assertThat(ID.sha256()).isEqualTo(Bytes.utf8("d4565fa7-4d72-4749-b3d3-740edbf87770").sha256());
  }

  @Test
  void isNotEmpty() {
    assertThatThrownBy(() -> new UserAgentId("")).isInstanceOf(IllegalArgumentException.class);
  }
}
