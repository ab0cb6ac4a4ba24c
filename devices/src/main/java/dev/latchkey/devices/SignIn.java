// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.DeviceId;

/// A proof that verified.
///
/// @param account whose
/// @param device which device
/// @param generation its generation when the proof was checked
/// @param credential what was proven
public record SignIn(
    AccountId account, DeviceId device, long generation, CredentialId credential) {}
