// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import dev.latchkey.authority.RequestFault;
import dev.latchkey.credential.Credential;
import dev.latchkey.credential.Device;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;

/// What came of making a device, or a credential for one.
sealed interface Making {
  /// What who asked is told.
  ///
  /// @param made of a device with a credential
  default EnrolmentResult result(BiFunction<Device, Credential, EnrolmentResult> made) {
    return switch (this) {
      case Dead() -> new EnrolmentResult.Dead();
      case Fault(RequestFault fault, String log) -> new EnrolmentResult.Refused(fault, log);
      case Made(Device device, Optional<Credential> credential) ->
          made.apply(device, credential.orElseThrow());
    };
  }

  /// Goes on with a device that was made.
  default Making with(Function<Device, Making> next) {
    return this instanceof Made(Device device, Optional<Credential> _) ? next.apply(device) : this;
  }

  /// Made; the credential, if it has one yet.
  record Made(Device device, Optional<Credential> credential) implements Making {}

  /// Refused.
  record Fault(RequestFault fault, String log) implements Making {}

  /// The code is no good.
  record Dead() implements Making {}
}
