// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Secret;
import java.util.Base64;
import java.util.random.RandomGenerator;

/// The texts of tokens: 256 bits in base64url (RFC 4648 §5) without padding, which no attribute, no
/// SASL message and no file has to escape.
final class TokenTexts {
  private static final int OCTETS = 32;

  private TokenTexts() {}

  static Secret draw(RandomGenerator random) {
    return Secret.ofText(
        Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString(Bytes.random(OCTETS, random).toArray()));
  }
}
