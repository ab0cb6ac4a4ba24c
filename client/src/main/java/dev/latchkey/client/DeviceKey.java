// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Resource;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Optional;

/// A device's own key pair: P-256, made on the device, and never sent anywhere. Thread-safe.
public final class DeviceKey {
  private final PrivateKey privateKey;
  private final PublicKey publicKey;

  private DeviceKey(PrivateKey privateKey, PublicKey publicKey) {
    this.privateKey = privateKey;
    this.publicKey = publicKey;
  }

  /// Makes a new one.
  public static DeviceKey make() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      KeyPair pair = generator.generateKeyPair();
      return new DeviceKey(pair.getPrivate(), pair.getPublic());
    } catch (GeneralSecurityException absent) {
      throw new IllegalStateException("every Java platform has P-256", absent);
    }
  }

  /// Reads one from its two DER forms, PKCS#8 and SubjectPublicKeyInfo.
  ///
  /// @throws GeneralSecurityException if they are not, or do not belong together
  public static DeviceKey read(Bytes pkcs8, Bytes publicKeyInfo) throws GeneralSecurityException {
    KeyFactory factory = KeyFactory.getInstance("EC");
    return of(
        factory.generatePrivate(new PKCS8EncodedKeySpec(pkcs8.toArray())),
        factory.generatePublic(new X509EncodedKeySpec(publicKeyInfo.toArray())));
  }

  /// Reads one from its private half and the public half that a certificate holds.
  ///
  /// @throws GeneralSecurityException if they do not belong together
  static DeviceKey of(PrivateKey privateKey, PublicKey publicKey) throws GeneralSecurityException {
    DeviceKey key = new DeviceKey(privateKey, publicKey);
    Bytes probe = Bytes.utf8("do these halves belong together");
    Signature check = Signature.getInstance("SHA256withECDSA");
    check.initVerify(publicKey);
    check.update(probe.toArray());
    if (!check.verify(key.sign(probe).toArray())) {
      throw new GeneralSecurityException("the private key is not the public key's");
    }
    return key;
  }

  /// The private half. SECURITY: whoever calls this answers for where it goes.
  public PrivateKey privateKey() {
    return privateKey;
  }

  /// The DER of the SubjectPublicKeyInfo.
  public Bytes publicKeyInfo() {
    return Bytes.of(publicKey.getEncoded());
  }

  /// A certificate request (RFC 2986) for an account: empty subject, the address as an xmppAddr in
  /// the subjectAltName it asks for (30.B). The server takes only the public key from it; the name
  /// is there so that a request can be told from another's.
  ///
  /// @return its DER; not the same twice, as ECDSA draws a nonce: keep it to send it again
  public Bytes request(AccountJid account, Optional<Resource> resource) {
    String address = resource.map(name -> account.with(name).toString()).orElse(account.toString());
    Bytes xmppAddr =
        Der.context(
            0,
            Bytes.concat(
                Der.objectIdentifier(1, 3, 6, 1, 5, 5, 7, 8, 5),
                Der.context(0, Der.utf8String(address))));
    Bytes subjectAltName =
        Der.sequence(Der.objectIdentifier(2, 5, 29, 17), Der.octetString(Der.sequence(xmppAddr)));
    Bytes extensionRequest =
        Der.sequence(
            Der.objectIdentifier(1, 2, 840, 113549, 1, 9, 14),
            Der.set(Der.sequence(subjectAltName)));
    Bytes info =
        Der.sequence(
            Der.integer(0), Der.sequence(), publicKeyInfo(), Der.context(0, extensionRequest));
    Bytes ecdsaWithSha256 = Der.sequence(Der.objectIdentifier(1, 2, 840, 10045, 4, 3, 2));
    try {
      return Der.sequence(info, ecdsaWithSha256, Der.bitString(sign(info)));
    } catch (GeneralSecurityException broken) {
      throw new IllegalStateException("a P-256 key signs", broken);
    }
  }

  private Bytes sign(Bytes data) throws GeneralSecurityException {
    Signature signature = Signature.getInstance("SHA256withECDSA");
    signature.initSign(privateKey);
    signature.update(data.toArray());
    return Bytes.of(signature.sign());
  }
}
