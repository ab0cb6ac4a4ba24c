// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import dev.latchkey.credential.Permission;
import java.util.Optional;

/// What came of a device's wish for a code.
public sealed interface IssueResult {
  /// A code.
  record Issued(IssuedCode code) implements IssueResult {}

  /// None.
  ///
  /// @param refusal why
  /// @param missing the permission that the device lacks, if that is why
  record Refused(Refusal refusal, Optional<Permission> missing) implements IssueResult {
    Refused(Refusal refusal) {
      this(refusal, Optional.empty());
    }
  }
}
