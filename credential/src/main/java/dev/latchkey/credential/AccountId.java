// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.credential;

import com.google.errorprone.annotations.Immutable;
import java.util.random.RandomGenerator;

/// The id of an account; never reused, also when the name is given away again (a new account, a new
/// id).
///
/// @param value its text, as shown to people and other programs; public
@Immutable
public record AccountId(String value) {
  /// Draws a new one: 80 random bits behind `acct-`.
  public static AccountId draw(RandomGenerator random) {
    return new AccountId("acct-" + Crockford.text(16, random));
  }

  @Override
  public String toString() {
    return value;
  }
}
