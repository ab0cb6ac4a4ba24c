// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import dev.latchkey.credential.DeviceId;

/// A device that was revoked.
///
/// @param device which
/// @param generation its new generation: what carries a lower one is dead
public record RevokedDevice(DeviceId device, long generation) {}
