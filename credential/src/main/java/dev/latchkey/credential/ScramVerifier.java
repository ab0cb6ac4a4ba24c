// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.credential;

/// What a server keeps of a secret for SCRAM (RFC 5802 §3): it can check a proof but not make one.
///
/// @param hash which hash
/// @param storedKey H(ClientKey)
/// @param serverKey HMAC(SaltedPassword, "Server Key"); whoever has it can pose as the server and
///   can make the link of an enrolment, so it is sealed at rest
public record ScramVerifier(ScramHash hash, Bytes storedKey, Secret serverKey) {
  /// Derives from SaltedPassword (RFC 5802 §3).
  public static ScramVerifier ofSaltedPassword(ScramHash hash, Secret saltedPassword) {
    Bytes clientKey = hash.hmac(saltedPassword.reveal(), Bytes.utf8("Client Key"));
    Bytes serverKey = hash.hmac(saltedPassword.reveal(), Bytes.utf8("Server Key"));
    return new ScramVerifier(hash, hash.hash(clientKey), Secret.of(serverKey));
  }
}
