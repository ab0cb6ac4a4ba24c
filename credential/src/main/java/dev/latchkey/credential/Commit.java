// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.credential;

/// How a commit ended.
public sealed interface Commit {
  /// Everything is written and will survive a crash.
  record Committed() implements Commit {}

  /// Nothing is written, because this did not hold.
  record Lost(CredentialChange which) implements Commit {}
}
