// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import java.util.Optional;

/// What a sign-in wants done about FAST tokens (XEP-0484).
///
/// @param invalidate whether all that the device has shall die
/// @param wish the token it wants
public record TokenRequest(boolean invalidate, Optional<TokenWish> wish) {
  /// Nothing; a token that is due is renewed all the same.
  public static final TokenRequest NONE = new TokenRequest(false, Optional.empty());
}
