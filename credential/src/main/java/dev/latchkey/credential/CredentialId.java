// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.credential;

import com.google.errorprone.annotations.Immutable;
import java.util.random.RandomGenerator;

/// The id of a credential.
///
/// @param value its text, as shown to people and other programs; public
@Immutable
public record CredentialId(String value) {
  /// Draws a new one: 80 random bits behind `cred-`.
  public static CredentialId draw(RandomGenerator random) {
    return new CredentialId("cred-" + Crockford.text(16, random));
  }

  @Override
  public String toString() {
    return value;
  }
}
