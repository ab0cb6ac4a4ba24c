// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import dev.latchkey.credential.Resource;
import java.time.Duration;
import java.util.Optional;

/// What a one-time code for one more device is to be like.
///
/// @param name what the device is to be called
/// @param ttl how long the code is good; the server's default if not said
/// @param resource what the device will be locked to
/// @param forBot whether it is for a machine rather than for a person
public record CodeOrder(
    Optional<String> name, Optional<Duration> ttl, Optional<Resource> resource, boolean forBot) {
  /// A code with the server's defaults.
  public static final CodeOrder PLAIN =
      new CodeOrder(Optional.empty(), Optional.empty(), Optional.empty(), false);

  /// A code for a device of this name.
  public static CodeOrder named(String name) {
    return new CodeOrder(Optional.of(name), Optional.empty(), Optional.empty(), false);
  }
}
