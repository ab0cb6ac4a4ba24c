// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.authority;

import dev.latchkey.credential.Bytes;

/// A well-formed PKCS#10 request (RFC 2986) whose own signature verified.
///
/// @param der its octets
/// @param publicKey the DER SubjectPublicKeyInfo in it, of which every key has only one form
/// @param kind the kind of that key
/// @param names the names it asks for, as a check compares them
public record CertificateRequest(Bytes der, Bytes publicKey, KeyKind kind, RequestedNames names) {}
