// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.credential;

/// One row under which a certificate is listed; the same certificate may be listed in several
/// accounts.
///
/// @param snapshot the account
/// @param device the device
/// @param credential the certificate's credential
public record CertificateHolder(AccountSnapshot snapshot, Device device, Credential credential) {
  /// The row of a credential of an account.
  ///
  /// @throws java.util.NoSuchElementException if the credential is of no device of the account, as
  ///   that of a certificate always is
  public static CertificateHolder of(AccountSnapshot snapshot, Credential credential) {
    return new CertificateHolder(
        snapshot, snapshot.device(credential.device().orElseThrow()).orElseThrow(), credential);
  }
}
