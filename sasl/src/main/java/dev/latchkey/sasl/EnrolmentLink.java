// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl;

import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.ScramHash;
import dev.latchkey.credential.Secret;
import java.util.List;

/// What ties a certificate request, and the answer to it, or a client key to the one-time code that
/// was just used (rule 7): a MAC under the code's ServerKey, which a relay has never seen.
///
/// Compare links with [Bytes#equals], which takes the same time wherever they differ.
public final class EnrolmentLink {
  private EnrolmentLink() {}

  /// The link in a request.
  ///
  /// @param serverKey the ServerKey of the very verifier that matched, of whichever hash
  /// @param account whose code it was
  /// @param request the DER of the PKCS#10 request
  public static Bytes ofRequest(Secret serverKey, AccountJid account, Bytes request) {
    return link(serverKey, "LK-ENROL 1", account, request.sha256());
  }

  /// The link in the answer.
  ///
  /// @param serverKey as in the request
  /// @param account as in the request
  /// @param certificates the DER of exactly the certificates in the answer, in their order: the
  ///   leaf first
  /// @throws IllegalArgumentException if there are none
  public static Bytes ofAnswer(Secret serverKey, AccountJid account, List<Bytes> certificates) {
    if (certificates.isEmpty()) {
      throw new IllegalArgumentException("an answer holds at least one certificate");
    }
    return link(serverKey, "LK-ENROLLED 1", account, certificates.toArray(Bytes[]::new));
  }

  /// The link in the registration of a client key that a code is redeemed with (rule 11).
  ///
  /// @param serverKey as in a request for a certificate
  /// @param account whose code it was
  /// @param clientId the key's name
  /// @param validationKey the octets of the ValidationKey
  public static Bytes ofClientKey(
      Secret serverKey, AccountJid account, String clientId, Secret validationKey) {
    return link(
        serverKey,
        "LK-KEY 1",
        account,
        Bytes.lengthPrefixed(Bytes.utf8(clientId), validationKey.reveal()).sha256());
  }

  private static Bytes link(Secret serverKey, String label, AccountJid account, Bytes... what) {
    Bytes head =
        Bytes.lengthPrefixed(
            Bytes.utf8(label), Bytes.utf8(account.domain().name()), Bytes.utf8(account.toString()));
    // Always SHA-256, also where the ServerKey is one of SCRAM-SHA-1.
    return ScramHash.SHA_256.hmac(
        serverKey.reveal(), Bytes.concat(head, Bytes.lengthPrefixed(what)));
  }
}
