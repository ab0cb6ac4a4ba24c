// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.DeviceId;

/// Which of an account's connections are meant.
public sealed interface SessionScope {
  /// All of them: the account was disabled.
  record WholeAccount() implements SessionScope {}

  /// A device's: it was suspended.
  record OfDevice(DeviceId device) implements SessionScope {}

  /// Those that signed in with one credential: it was called back, its device was not.
  record OfCredential(CredentialId credential) implements SessionScope {}
}
