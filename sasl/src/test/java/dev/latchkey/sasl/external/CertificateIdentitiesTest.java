// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.external;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Jid;
import dev.latchkey.testkit.Spec;
import java.time.Instant;
import java.util.List;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERIA5String;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.x509.GeneralName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CertificateIdentitiesTest {
  private static final Instant FROM = Instant.parse("2026-11-01T00:00:00Z");
  private static final Instant TO = Instant.parse("2027-02-01T00:00:00Z");

  private static List<Jid> addresses(GeneralName... names) throws Exception {
    return CertificateIdentities.of(SampleCertificate.of(FROM, TO, names))
        .orElseThrow()
        .addresses();
  }

  @Test
  @Spec(doc = "RFC 6120", section = "13.7.1.4", rule = "an id-on-xmppAddr in subjectAltName")
  void readsItsAddressesInTheirOrder() throws Exception {
    assertThat(
            addresses(
                SampleCertificate.xmppAddress("Nina@chat.example/Phone"),
                new GeneralName(GeneralName.dNSName, "chat.example"),
                SampleCertificate.xmppAddress("bo@b\u00fccher.example")))
        .containsExactly(Jid.parse("nina@chat.example/Phone"), Jid.parse("bo@b\u00fccher.example"));
  }

  @Test
  void readsItsDates() throws Exception {
    assertThat(CertificateIdentities.of(SampleCertificate.of(FROM, TO)))
        .contains(new CertificateIdentities(List.of(), FROM, TO));
  }

  @Test
  @Spec(doc = "latchkey", section = "2", rule = "nothing but xmppAddr is an address")
  void takesNoOtherNameForAnAddress() throws Exception {
    assertThat(addresses()).as("the common name").isEmpty();
    assertThat(
            addresses(
                new GeneralName(GeneralName.rfc822Name, "nina@chat.example"),
                new GeneralName(GeneralName.dNSName, "chat.example"),
                new GeneralName(GeneralName.uniformResourceIdentifier, "xmpp:nina@chat.example"),
                SampleCertificate.otherName(
                    new ASN1ObjectIdentifier("1.3.6.1.5.5.7.8.7"),
                    new DERUTF8String("nina@chat.example"))))
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "@", "ni na@chat.example", "nina@chat.example/"})
  void refusesACertificateWithAnAddressThatIsNone(String address) throws Exception {
    assertThat(
            CertificateIdentities.of(
                SampleCertificate.of(FROM, TO, SampleCertificate.xmppAddress(address))))
        .isEmpty();
  }

  @Test
  void refusesAnAddressThatIsNoText() throws Exception {
    assertThat(
            CertificateIdentities.of(
                SampleCertificate.of(
                    FROM,
                    TO,
                    SampleCertificate.xmppAddress(new DEROctetString(new byte[] {1, 2})))))
        .isEmpty();
  }

  @Test
  void anAddressInAnotherStringTypeStillRestricts() throws Exception {
    assertThat(addresses(SampleCertificate.xmppAddress(new DERIA5String("nina@chat.example"))))
        .containsExactly(Jid.parse("nina@chat.example"));
  }

  @Test
  void refusesWhatIsNoCertificate() throws Exception {
    Bytes der = SampleCertificate.of(FROM, TO);
    assertThat(CertificateIdentities.of(Bytes.EMPTY)).isEmpty();
    assertThat(CertificateIdentities.of(Bytes.utf8("garbage"))).isEmpty();
    assertThat(CertificateIdentities.of(der.slice(0, der.length() - 1))).isEmpty();
    assertThat(CertificateIdentities.of(Bytes.concat(der, Bytes.hex("00")))).isEmpty();
    assertThat(CertificateIdentities.of(Bytes.concat(der, der))).isEmpty();
  }
}
