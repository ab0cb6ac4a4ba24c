// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.credential;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What a proof is checked against, by kind. It is not what the device holds.
public sealed interface Verifier {
  /// The kind it makes its credential.
  CredentialKind kind();

  /// A certificate that signs in by EXTERNAL.
  ///
  /// @param certificate its DER; what is looked up is the SHA-256 of this
  /// @param issuer the DER of the certificate that signed it; nothing if it was uploaded
  /// @param publicKey SHA-256 of its SubjectPublicKeyInfo
  /// @param request SHA-256 of the request it was made from; nothing if it was uploaded
  /// @param proven whether possession of the key was proven: by the request's own signature, or by
  ///   a login (rule 3)
  /// @param used whether it has signed in yet
  record Certificate(
      Bytes certificate,
      Optional<Bytes> issuer,
      Bytes publicKey,
      Optional<Bytes> request,
      boolean proven,
      boolean used)
      implements Verifier {
    @Override
    public CredentialKind kind() {
      return CredentialKind.CERTIFICATE;
    }

    /// SHA-256 of the DER.
    public Bytes fingerprint() {
      return certificate.sha256();
    }

    /// The same after it has signed in.
    public Certificate afterUse() {
      return new Certificate(certificate, issuer, publicKey, request, true, true);
    }
  }

  /// A device password: one verifier for each hash (rule 15).
  ///
  /// @param keys the verifiers
  record Password(List<ScramVerifier> keys) implements Verifier {
    /// Copies.
    public Password {
      keys = List.copyOf(keys);
    }

    @Override
    public CredentialKind kind() {
      return CredentialKind.PASSWORD;
    }
  }

  /// A one-time code: one verifier for each hash and each text form (rule 19).
  ///
  /// @param keys the verifiers
  /// @param grant what it gives
  /// @param redemption what it has given
  /// @param failedTasks how many requests were refused under it; 20 end it (rule 12)
  record OneTime(
      List<ScramVerifier> keys, Grant grant, Optional<Redemption> redemption, int failedTasks)
      implements Verifier {
    /// Copies.
    public OneTime {
      keys = List.copyOf(keys);
    }

    @Override
    public CredentialKind kind() {
      return CredentialKind.ONE_TIME;
    }
  }

  /// What a code gives.
  ///
  /// @param name the wished name of the device
  /// @param allow its flags; at redemption never more than the issuer then has
  /// @param resource the resource it will be locked to
  /// @param certificate SHA-256 of the one certificate that may redeem it
  /// @param issuer the device that made it and its generation then; an operator's code has none
  record Grant(
      Optional<String> name,
      Permissions allow,
      Optional<Resource> resource,
      Optional<Bytes> certificate,
      Optional<Issuer> issuer) {}

  /// Who made a code.
  ///
  /// @param device the device
  /// @param generation its generation then (rule 13)
  record Issuer(DeviceId device, long generation) {}

  /// What a code has given; good for the same answer again until the device signs in (rule 8).
  ///
  /// @param device the device
  /// @param publicKey SHA-256 of the SubjectPublicKeyInfo it was redeemed with
  /// @param at when
  record Redemption(DeviceId device, Bytes publicKey, Instant at) {}
}
