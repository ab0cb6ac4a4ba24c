// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.authority.request;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.authority.CertificateRequest;
import dev.latchkey.authority.KeyKind;
import dev.latchkey.authority.Openssl;
import dev.latchkey.authority.RequestFault;
import dev.latchkey.authority.RequestForge;
import dev.latchkey.credential.Bytes;
import dev.latchkey.testkit.SeededRandom;
import dev.latchkey.testkit.Spec;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.edec.EdECObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.RSAPublicKey;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.ECNamedCurveTable;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class RequestReaderTest {
  private static final int RANDOM_ROUNDS = 2000;

  @TempDir Path folder;

  private static CertificateRequest accepted(Bytes der) {
    ReadRequest read = RequestReader.read(der);
    assertThat(read).isInstanceOf(ReadRequest.Read.class);
    return ((ReadRequest.Read) read).request();
  }

  private static void assertRefused(Bytes der, RequestFault fault) {
    assertThat(RequestReader.read(der)).isEqualTo(new ReadRequest.Refused(fault));
  }

  @Test
  void readsKeyAndNames() {
    RequestForge forge = RequestForge.p256().subject("CN=Tablet").address("nina@chat.example");
    CertificateRequest request = accepted(forge.der());
    assertThat(request.kind()).isEqualTo(KeyKind.P_256);
    assertThat(request.names().xmppAddresses()).containsExactly("nina@chat.example");
    assertThat(request.names().commonNames()).containsExactly("Tablet");
    assertThat(request.names().others()).isZero();
    assertThat(request.names().asAuthority()).isFalse();
  }

  static Stream<Arguments> opensslKeys() {
    return Stream.of(
        Arguments.of(KeyKind.P_256, List.of("ec", "-pkeyopt", "ec_paramgen_curve:P-256")),
        Arguments.of(KeyKind.P_384, List.of("ec", "-pkeyopt", "ec_paramgen_curve:P-384")),
        Arguments.of(KeyKind.ED25519, List.of("ed25519")),
        Arguments.of(KeyKind.RSA, List.of("rsa:2048")));
  }

  @ParameterizedTest
  @MethodSource("opensslKeys")
  void acceptsRequestThatOpensslMade(KeyKind kind, List<String> key) throws Exception {
    List<String> command = new ArrayList<>(List.of("req", "-new", "-newkey"));
    command.addAll(key);
    command.addAll(
        List.of(
            "-noenc", "-keyout", "device.key", "-subj", "/", "-outform", "DER", "-out", "csr.der"));
    command.addAll(
        List.of("-addext", "subjectAltName=otherName:1.3.6.1.5.5.7.8.5;UTF8:nina@chat.example"));
    Openssl.Said said = Openssl.run(folder, command.toArray(String[]::new));
    assertThat(said.code()).as(said.text()).isZero();
    CertificateRequest request = accepted(Bytes.of(Files.readAllBytes(folder.resolve("csr.der"))));
    assertThat(request.kind()).isEqualTo(kind);
    assertThat(request.names().xmppAddresses()).containsExactly("nina@chat.example");
    assertThat(request.names().commonNames()).isEmpty();
    assertThat(request.names().others()).isZero();
  }

  @Test
  @Spec(doc = "latchkey", section = "30.B", rule = "a request proves possession of its key")
  void refusesBadSignature() {
    byte[] der = RequestForge.p256().der().toArray();
    der[der.length - 1] ^= 1;
    assertRefused(Bytes.of(der), RequestFault.BAD_SIGNATURE);
  }

  @Test
  void refusesKeyThatTheSignerDoesNotHold() {
    assertRefused(
        RequestForge.p256().showing(RequestForge.p256().key()).der(), RequestFault.BAD_SIGNATURE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"SHA1withECDSA", "SHA224withECDSA", "SHA3-256withECDSA"})
  void refusesHashThatIsNotSha2OfGoodLength(String algorithm) {
    assertRefused(RequestForge.elliptic("secp256r1", algorithm).der(), RequestFault.BAD_SIGNATURE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"MD5withRSA", "SHA1withRSA"})
  void refusesRsaSignatureWithBrokenHash(String algorithm) {
    assertRefused(RequestForge.rsa(2048, 65537, algorithm).der(), RequestFault.BAD_SIGNATURE);
  }

  @Test
  void refusesSignatureAlgorithmOfAnotherKind() throws Exception {
    KeyPair ours = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    Bytes der = RequestForge.signedWith(ours, "Ed25519").showing(RequestForge.p256().key()).der();
    assertRefused(der, RequestFault.BAD_SIGNATURE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"secp192r1", "secp224r1", "secp256k1", "secp521r1", "brainpoolP256r1"})
  @Spec(doc = "latchkey", section = "30.B", rule = "elliptic keys are on P-256 or P-384")
  void refusesOtherCurves(String curve) {
    assertRefused(RequestForge.elliptic(curve, "SHA256withECDSA").der(), RequestFault.WEAK_KEY);
  }

  @Test
  void refusesCurveThatIsSpelledOut() throws Exception {
    SubjectPublicKeyInfo key = RequestForge.p256().key();
    SubjectPublicKeyInfo spelled =
        new SubjectPublicKeyInfo(
            new AlgorithmIdentifier(
                X9ObjectIdentifiers.id_ecPublicKey,
                ECNamedCurveTable.getByOID(SECObjectIdentifiers.secp256r1)),
            key.getPublicKeyData().getBytes());
    assertRefused(RequestForge.p256().showing(spelled).der(), RequestFault.WEAK_KEY);
  }

  @Test
  void refusesPointThatIsNotOnTheCurve() {
    byte[] point = RequestForge.p256().key().getPublicKeyData().getBytes();
    point[point.length - 1] ^= 1;
    assertRefused(RequestForge.p256().showing(onP256(point)).der(), RequestFault.WEAK_KEY);
  }

  @Test
  @Spec(doc = "latchkey", section = "24", rule = "one key has one form, or it could be used twice")
  void refusesCompressedPoint() {
    byte[] point = RequestForge.p256().key().getPublicKeyData().getBytes();
    byte[] compressed = Bytes.of(point).slice(0, 33).toArray();
    compressed[0] = (byte) (2 + (point[64] & 1));
    assertRefused(RequestForge.p256().showing(onP256(compressed)).der(), RequestFault.WEAK_KEY);
  }

  @Test
  void refusesPointAtInfinity() {
    assertRefused(RequestForge.p256().showing(onP256(new byte[] {0})).der(), RequestFault.WEAK_KEY);
  }

  private static SubjectPublicKeyInfo onP256(byte[] point) {
    return new SubjectPublicKeyInfo(
        new AlgorithmIdentifier(X9ObjectIdentifiers.id_ecPublicKey, SECObjectIdentifiers.secp256r1),
        point);
  }

  @Test
  void refusesEdwardsPointOfSmallOrder() throws Exception {
    byte[] neutral = new byte[32];
    neutral[0] = 1;
    KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    SubjectPublicKeyInfo small =
        new SubjectPublicKeyInfo(
            new AlgorithmIdentifier(EdECObjectIdentifiers.id_Ed25519), neutral);
    assertRefused(
        RequestForge.signedWith(pair, "Ed25519").showing(small).der(), RequestFault.WEAK_KEY);
  }

  @Test
  void refusesShortRsaKey() {
    assertRefused(RequestForge.rsa(1024, 65537, "SHA256withRSA").der(), RequestFault.WEAK_KEY);
  }

  @Test
  void refusesSmallRsaExponent() {
    assertRefused(RequestForge.rsa(2048, 3, "SHA256withRSA").der(), RequestFault.WEAK_KEY);
  }

  @Test
  void refusesOverlongRsaKey() throws Exception {
    java.math.BigInteger modulus = java.math.BigInteger.ONE.shiftLeft(8191).setBit(0);
    SubjectPublicKeyInfo huge =
        new SubjectPublicKeyInfo(
            new AlgorithmIdentifier(PKCSObjectIdentifiers.rsaEncryption, DERNull.INSTANCE),
            new RSAPublicKey(modulus, java.math.BigInteger.valueOf(65537)));
    assertRefused(RequestForge.p256().showing(huge).der(), RequestFault.WEAK_KEY);
  }

  @Test
  void refusesUnknownKindOfKey() {
    SubjectPublicKeyInfo unknown =
        new SubjectPublicKeyInfo(
            new AlgorithmIdentifier(new ASN1ObjectIdentifier("1.3.101.110")), new byte[32]);
    assertRefused(RequestForge.p256().showing(unknown).der(), RequestFault.WEAK_KEY);
  }

  @Test
  void refusesTrailingBytes() {
    assertRefused(
        Bytes.concat(RequestForge.p256().der(), Bytes.of((byte) 0)), RequestFault.MALFORMED);
  }

  @Test
  void refusesEveryTruncation() {
    Bytes der = RequestForge.p256().address("nina@chat.example").der();
    for (int length = 0; length < der.length(); length++) {
      assertRefused(der.slice(0, length), RequestFault.MALFORMED);
    }
  }

  @Test
  @Spec(doc = "latchkey", section = "30.B", rule = "a request has at most 8 kB")
  void refusesHundredKilobytes() {
    RequestForge forge = RequestForge.p256();
    for (int i = 0; i < 5000; i++) {
      forge.host("host-" + i + ".chat.example");
    }
    Bytes der = forge.der();
    assertThat(der.length()).isGreaterThan(100_000);
    assertRefused(der, RequestFault.MALFORMED);
  }

  @Test
  void refusesIndefiniteLength() {
    byte[] der = RequestForge.p256().der().toArray();
    // The outer sequence begins 30 82 LL LL or 30 81 LL.
    int header = (der[1] & 0xff) == 0x82 ? 4 : 3;
    ByteArrayOutputStream ber = new ByteArrayOutputStream();
    ber.writeBytes(new byte[] {0x30, (byte) 0x80});
    ber.write(der, header, der.length - header);
    ber.writeBytes(new byte[] {0, 0});
    assertRefused(Bytes.of(ber.toByteArray()), RequestFault.MALFORMED);
  }

  @Test
  void refusesLengthLongerThanNeeded() {
    byte[] der = RequestForge.p256().der().toArray();
    int header = (der[1] & 0xff) == 0x82 ? 4 : 3;
    int length = der.length - header;
    ByteArrayOutputStream ber = new ByteArrayOutputStream();
    ber.writeBytes(new byte[] {0x30, (byte) 0x83, 0, (byte) (length >> 8), (byte) (length & 0xff)});
    ber.write(der, header, length);
    assertRefused(Bytes.of(ber.toByteArray()), RequestFault.MALFORMED);
  }

  @Test
  void refusesDeepNesting() {
    byte[] nested = new byte[0];
    for (int depth = 0; depth < 1500; depth++) {
      nested = sequence(nested);
    }
    assertRefused(Bytes.of(nested), RequestFault.MALFORMED);
  }

  private static byte[] sequence(byte[] content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(0x30);
    if (content.length < 0x80) {
      out.write(content.length);
    } else if (content.length < 0x100) {
      out.writeBytes(new byte[] {(byte) 0x81, (byte) content.length});
    } else {
      out.writeBytes(new byte[] {(byte) 0x82, (byte) (content.length >> 8), (byte) content.length});
    }
    out.writeBytes(content);
    return out.toByteArray();
  }

  @Test
  void refusesAnotherVersion() throws Exception {
    ASN1Sequence request = ASN1Sequence.getInstance(RequestForge.p256().der().toArray());
    ASN1Sequence info = ASN1Sequence.getInstance(request.getObjectAt(0));
    DERSequence changed =
        new DERSequence(
            new org.bouncycastle.asn1.ASN1Encodable[] {
              new ASN1Integer(1), info.getObjectAt(1), info.getObjectAt(2), info.getObjectAt(3)
            });
    DERSequence forged =
        new DERSequence(
            new org.bouncycastle.asn1.ASN1Encodable[] {
              changed, request.getObjectAt(1), request.getObjectAt(2)
            });
    assertRefused(Bytes.of(forged.getEncoded(ASN1Encoding.DER)), RequestFault.MALFORMED);
  }

  @Test
  void refusesWhatIsNoRequest() {
    assertRefused(Bytes.EMPTY, RequestFault.MALFORMED);
    assertRefused(Bytes.utf8("not a request"), RequestFault.MALFORMED);
    assertRefused(Bytes.hex("3000"), RequestFault.MALFORMED);
    assertRefused(Bytes.hex("30030201000000"), RequestFault.MALFORMED);
  }

  @Test
  void tellsEveryNameApart() {
    CertificateRequest request =
        accepted(
            RequestForge.p256()
                .subject("CN=nina@chat.example,O=Chat")
                .address("nina@chat.example")
                .address("otto@chat.example")
                .host("*.chat.example")
                .der());
    assertThat(request.names().xmppAddresses())
        .containsExactly("nina@chat.example", "otto@chat.example");
    assertThat(request.names().commonNames()).containsExactly("nina@chat.example");
    assertThat(request.names().others()).isEqualTo(2);
  }

  @Test
  void seesWishToBeAnAuthority() {
    Bytes byConstraints =
        RequestForge.p256().extension(Extension.basicConstraints, new BasicConstraints(true)).der();
    Bytes byUsage =
        RequestForge.p256().extension(Extension.keyUsage, new KeyUsage(KeyUsage.keyCertSign)).der();
    assertThat(accepted(byConstraints).names().asAuthority()).isTrue();
    assertThat(accepted(byUsage).names().asAuthority()).isTrue();
  }

  @Test
  void survivesFlippedBits() {
    SeededRandom random = SeededRandom.announced();
    Bytes good =
        RequestForge.p256()
            .subject("CN=nina@chat.example")
            .address("nina@chat.example/tablet")
            .extension(Extension.basicConstraints, new BasicConstraints(false))
            .der();
    for (int round = 0; round < RANDOM_ROUNDS; round++) {
      byte[] octets = good.toArray();
      int flips = 1 + random.nextInt(4);
      for (int flip = 0; flip < flips; flip++) {
        octets[random.nextInt(octets.length)] ^= (byte) (1 << random.nextInt(8));
      }
      Bytes flipped = Bytes.of(octets);
      // Whatever stands behind the signature's algorithm is not signed, so that a change could in
      // principle still verify; what is read must then be what was signed.
      if (RequestReader.read(flipped) instanceof ReadRequest.Read(CertificateRequest request)) {
        assertThat(request.names()).isEqualTo(accepted(good).names());
        assertThat(request.publicKey()).isEqualTo(accepted(good).publicKey());
      }
    }
  }

  @Test
  void survivesRandomOctets() {
    SeededRandom random = SeededRandom.announced();
    for (int round = 0; round < RANDOM_ROUNDS; round++) {
      Bytes noise = Bytes.random(random.nextInt(200), random);
      assertThat(RequestReader.read(noise)).isInstanceOf(ReadRequest.Refused.class);
    }
  }
}
