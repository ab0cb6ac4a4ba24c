// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.credential;

import com.google.errorprone.annotations.Immutable;
import java.util.random.RandomGenerator;

/// The id of a device; XEP-0494's client id and the command line's DEVICE-ID.
///
/// @param value its text, as shown to people and other programs; public
@Immutable
public record DeviceId(String value) {
  /// Draws a new one: 80 random bits behind `dev-`.
  public static DeviceId draw(RandomGenerator random) {
    return new DeviceId("dev-" + Crockford.text(16, random));
  }

  @Override
  public String toString() {
    return value;
  }
}
