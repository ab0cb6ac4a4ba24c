// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl;

import dev.latchkey.credential.Bytes;
import java.util.Optional;

/// What follows a client's message.
public sealed interface SaslStep {
  /// The exchange goes on.
  record Challenge(Bytes data) implements SaslStep {}

  /// The proof verified. Nothing is changed yet: signing in decides what follows from it.
  ///
  /// @param who what was proven
  /// @param additionalData what the client checks the server by
  record Success(Proof who, Optional<Bytes> additionalData) implements SaslStep {}

  /// It did not.
  ///
  /// @param wire what the peer hears
  /// @param log what the operator reads; never told to the peer
  /// @param evidence what it has shown of a credential; signing in decides what follows from it
  record Failure(SaslCondition wire, FailureReason log, Optional<Evidence> evidence)
      implements SaslStep {
    /// A failure that shows nothing.
    public Failure(SaslCondition wire, FailureReason log) {
      this(wire, log, Optional.empty());
    }
  }
}
