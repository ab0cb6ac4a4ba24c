// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.DeviceId;

/// Who asks, as its session knows it. Whether it still may is read anew at each operation (rule
/// 31).
///
/// @param account whose session
/// @param device which device
/// @param generation its generation when the session was made
public record Acting(AccountId account, DeviceId device, long generation) {}
