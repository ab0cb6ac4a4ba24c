// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.credential;

/// Who did it.
public sealed interface Actor {
  /// The operator, at the server's own command line.
  record Operator() implements Actor {}

  /// The server itself, by its own rules.
  record Server() implements Actor {}

  /// A device, over its own session.
  ///
  /// @param device which
  /// @param generation its generation when the session was made
  record OfDevice(DeviceId device, long generation) implements Actor {}

  /// Who holds a code, before there is a device.
  ///
  /// @param code which
  record OfCode(CredentialId code) implements Actor {}
}
