// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import dev.latchkey.credential.Credential;
import dev.latchkey.credential.Device;
import java.util.List;

/// A device in a list.
///
/// @param device the device
/// @param credentials its credentials, dead ones too, but for tokens that others took the place of
/// @param connected whether it has a connection now
public record DeviceEntry(Device device, List<Credential> credentials, boolean connected) {
  /// Copies.
  public DeviceEntry {
    credentials = List.copyOf(credentials);
  }
}
