// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import java.util.Optional;

/// What a device that a code lets in may be called (rule 26): as the person who enrols it says,
/// else as the code says, else as its machine calls itself, else as all are called.
///
/// @param given what the person said; refused if it is no name
/// @param machine what the machine says of itself; left out if it is no name, for nobody chose it
public record NameWish(Optional<String> given, Optional<String> machine) {
  /// Nothing was said.
  public static final NameWish NONE = new NameWish(Optional.empty(), Optional.empty());

  /// The wish to be called so.
  public static NameWish of(String name) {
    return new NameWish(Optional.of(name), Optional.empty());
  }

  /// The name to try, if there is one.
  ///
  /// @param ofCode what the code says
  Optional<String> beside(Optional<String> ofCode) {
    return given.or(() -> ofCode).or(() -> machine.flatMap(DeviceNames::prepare));
  }
}
