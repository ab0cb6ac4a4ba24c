// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

/// What came of the operator's wish for a code.
public sealed interface InviteResult {
  /// A code.
  record Invited(OperatorCode code) implements InviteResult {}

  /// None.
  record Refused(Refusal refusal) implements InviteResult {}
}
