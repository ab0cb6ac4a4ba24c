// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl;

import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.CredentialKind;
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
  /// @param manner how the peer hears it
  record Failure(SaslCondition wire, FailureReason log, Optional<Evidence> evidence, Manner manner)
      implements SaslStep {
    /// How a peer is told.
    public enum Manner {
      /// By the condition alone.
      PLAIN,
      /// Beside it, that the credential was revoked: it has proven that it has it.
      REVOKED,
      /// By an error of the stream instead: a client gives its token up at any `<failure/>` (rule
      /// 63).
      STREAM_ERROR
    }

    /// A failure that shows nothing.
    public Failure(SaslCondition wire, FailureReason log) {
      this(wire, log, Optional.empty());
    }

    /// One that tells the peer no more than its condition.
    public Failure(SaslCondition wire, FailureReason log, Optional<Evidence> evidence) {
      this(wire, log, evidence, Manner.PLAIN);
    }

    /// What who has proven a credential hears if it does not sign in (rule 41): a token is no
    /// longer trusted (XEP-0484), a key or a certificate has expired, or was revoked in so many
    /// words. A password, and a token that is sent as it is, are as wrong as any. A token of an
    /// account or a device that may not sign in just now is not over: it works again afterwards.
    ///
    /// @param kind of the credential
    /// @param why what forbids it
    public static Failure ofProven(CredentialKind kind, FailureReason why) {
      return switch (kind) {
        case FAST ->
            why == FailureReason.ACCOUNT_NOT_ACTIVE || why == FailureReason.DEVICE_NOT_ACTIVE
                ? new Failure(
                    SaslCondition.NOT_AUTHORIZED, why, Optional.empty(), Manner.STREAM_ERROR)
                : new Failure(SaslCondition.CREDENTIALS_EXPIRED, why);
        case CERTIFICATE, CLIENT_KEY ->
            why == FailureReason.CREDENTIAL_EXPIRED
                ? new Failure(SaslCondition.CREDENTIALS_EXPIRED, why)
                : new Failure(
                    SaslCondition.NOT_AUTHORIZED,
                    why,
                    Optional.empty(),
                    why == FailureReason.CREDENTIAL_REVOKED ? Manner.REVOKED : Manner.PLAIN);
        case PASSWORD, ONE_TIME, AUTH_TOKEN -> new Failure(SaslCondition.NOT_AUTHORIZED, why);
      };
    }

    /// The same with what it shows.
    public Failure with(Optional<Evidence> evidence) {
      return new Failure(wire, log, evidence, manner);
    }

    /// The same with another line for the operator.
    public Failure with(FailureReason log) {
      return new Failure(wire, log, evidence, manner);
    }
  }
}
