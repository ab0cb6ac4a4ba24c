// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Jid;
import dev.latchkey.credential.Resource;
import dev.latchkey.credential.Secret;
import dev.latchkey.sasl.EnrolmentLink;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What a server answers to a certificate request, after it was checked.
///
/// @param made the new device and its certificate, by their ids
/// @param chain the device's certificate and the issuing one
/// @param resource what the certificate locks the device to
record EnrolmentAnswer(NewDevice made, List<X509Certificate> chain, Optional<Resource> resource) {

  /// Checks a `<signed/>` (rule 7): that it is linked to the code that was used, that the
  /// certificate is for our key and for our address only, and that what is called the issuer issued
  /// it.
  ///
  /// @param serverKey of the code that was used
  /// @param publicKeyInfo the DER of our public key
  /// @param resource what we asked to be locked to
  /// @throws ServerNotTrustedException if any of it is not so
  static EnrolmentAnswer check(
      Element signed,
      AccountJid account,
      Secret serverKey,
      Bytes publicKeyInfo,
      Optional<Resource> resource) {
    List<Bytes> certificates = new ArrayList<>();
    for (Element cert : signed.children("cert", Namespaces.LATCHKEY_CSR).toList()) {
      certificates.add(
          Bytes.base64(cert.text()).orElseThrow(() -> refused("a certificate is not base64")));
    }
    if (certificates.size() < 2) {
      throw refused("it does not hold the device's certificate and the issuing one");
    }
    Optional<Bytes> link =
        signed.child("link", Namespaces.LATCHKEY_CSR).flatMap(text -> Bytes.base64(text.text()));
    if (!link.equals(Optional.of(EnrolmentLink.ofAnswer(serverKey, account, certificates)))) {
      throw refused("it is not linked to the code that was used");
    }
    try {
      List<X509Certificate> chain = new ArrayList<>();
      for (Bytes der : certificates) {
        chain.add(Certificates.read(der));
      }
      X509Certificate leaf = chain.getFirst();
      if (!Bytes.of(leaf.getPublicKey().getEncoded()).equals(publicKeyInfo)) {
        throw refused("the certificate is for another key than this device's");
      }
      leaf.verify(chain.get(1).getPublicKey());
      return new EnrolmentAnswer(
          NewDevice.read(signed),
          List.copyOf(chain),
          onlyAddress(leaf, account, resource).resource());
    } catch (GeneralSecurityException broken) {
      throw new ServerNotTrustedException(
          "the server's answer is refused: its certificates do not hold together", broken);
    }
  }

  /// Rule 3: a certificate that names somebody else, or somebody else too, would sign us in as
  /// them.
  private static Jid onlyAddress(X509Certificate leaf, AccountJid account, Optional<Resource> asked)
      throws GeneralSecurityException {
    List<Optional<Jid>> addresses = Certificates.addresses(leaf);
    if (addresses.size() != 1
        || addresses.getFirst().isEmpty()
        || !addresses.getFirst().get().bare().equals(account.jid())) {
      throw refused("the certificate is for another address than " + account);
    }
    Jid address = addresses.getFirst().get();
    if (asked.isPresent() && !address.resource().equals(asked)) {
      throw refused("the certificate is not locked to the resource " + asked.get());
    }
    return address;
  }

  private static ServerNotTrustedException refused(String why) {
    return new ServerNotTrustedException("the server's answer is refused: " + why);
  }
}
