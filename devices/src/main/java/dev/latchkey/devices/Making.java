// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import dev.latchkey.authority.RequestFault;
import dev.latchkey.credential.Credential;
import dev.latchkey.credential.Device;
import java.util.Optional;

/// What came of making a device, or a credential for one.
sealed interface Making {
  /// Made; the credential, if it has one yet.
  record Made(Device device, Optional<Credential> credential) implements Making {}

  /// Refused.
  record Fault(RequestFault fault, String log) implements Making {}

  /// The code is no good.
  record Dead() implements Making {}
}
