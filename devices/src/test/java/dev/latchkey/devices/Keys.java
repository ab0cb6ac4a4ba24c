// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Secret;
import java.util.Optional;

/// Client keys as a client would have them.
final class Keys {
  private Keys() {}

  /// A ValidationKey that is known by a word.
  static Secret validationKey(String word) {
    return Secret.of(Bytes.utf8(word).sha256());
  }

  static ClientKeyWish wish(String id, String word) {
    return new ClientKeyWish(id, "Ninas phone", validationKey(word), Optional.empty());
  }

  static ClientKeyResult.Registered register(House house, Acting device, String id) {
    return registered(house.register(device, wish(id, id)));
  }

  static ClientKeyResult.Registered registered(ClientKeyResult result) {
    assertThat(result).isInstanceOf(ClientKeyResult.Registered.class);
    return (ClientKeyResult.Registered) result;
  }

  static Optional<Refusal> refusal(ClientKeyResult result) {
    return result instanceof ClientKeyResult.Refused(Refusal refusal)
        ? Optional.of(refusal)
        : Optional.empty();
  }
}
