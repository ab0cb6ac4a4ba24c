// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import dev.latchkey.credential.Device;

/// A code that gave one session (rule 10).
///
/// @param device the device without credentials that the session belongs to
public record Redeemed(Device device) {}
