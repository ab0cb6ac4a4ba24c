// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.credential;

/// One row under which a certificate is listed; the same certificate may be listed in several
/// accounts.
///
/// @param snapshot the account
/// @param device the device
/// @param credential the certificate's credential
public record CertificateHolder(AccountSnapshot snapshot, Device device, Credential credential) {}
