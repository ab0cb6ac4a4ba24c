// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.credential;

/// Seals what must be readable again but not from a copy of the database (design: "A copy of the
/// database lets nobody in").
///
/// Thread-safe, and never waits.
public interface Sealer {
  /// Seals octets for one place. Sealing the same octets twice gives different results.
  ///
  /// @param plain what to seal
  /// @param context names the place: table, row and column, so that a sealed value that is moved to
  ///   another place does not open there
  Bytes seal(Secret plain, Bytes context);

  /// Opens what was sealed for the same place.
  ///
  /// @param sealed what [#seal] gave
  /// @param context the place it was sealed for
  /// @throws SealException if it was sealed with a key that is not at hand, for another place, or
  ///   is damaged
  Secret open(Bytes sealed, Bytes context);

  /// Whether it was sealed with the key that seals now; if not, an older key is needed for it.
  boolean isCurrent(Bytes sealed);
}
