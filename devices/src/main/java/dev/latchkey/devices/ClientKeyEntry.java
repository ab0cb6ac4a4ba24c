// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.Device;
import java.time.Instant;

/// A live client key in a list.
///
/// @param credential its credential
/// @param id the client's name for it
/// @param name what people call it
/// @param expires until when it is good
/// @param device whose it is, and when that was last seen
public record ClientKeyEntry(
    CredentialId credential, String id, String name, Instant expires, Device device) {}
