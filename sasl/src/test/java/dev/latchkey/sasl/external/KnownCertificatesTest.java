// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.external;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.SampleAccount;
import dev.latchkey.testkit.Spec;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class KnownCertificatesTest {
  private final KnownCertificates certificates = new KnownCertificates();

  private static Bytes der(String address) throws Exception {
    return SampleCertificate.of(
        SampleAccount.CREATED,
        SampleAccount.CREATED.plus(Duration.ofDays(1)),
        SampleCertificate.xmppAddress(address));
  }

  @Test
  void readsAListedCertificateOnce() throws Exception {
    Bytes nina = der("nina@chat.example");
    CertificateIdentities first = certificates.read(nina, nina.sha256(), true).orElseThrow();
    assertThat(first).isEqualTo(CertificateIdentities.of(nina).orElseThrow());
    assertThat(certificates.read(nina, nina.sha256(), true).orElseThrow()).isSameAs(first);
  }

  @Test
  void takesNoCertificateForAnother() throws Exception {
    Bytes nina = der("nina@chat.example");
    Bytes otto = der("otto@chat.example");
    var _ = certificates.read(nina, nina.sha256(), true);
    assertThat(certificates.read(otto, otto.sha256(), true))
        .isEqualTo(CertificateIdentities.of(otto));
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "design: what must always hold",
      rule = "strangers fill nothing that is kept")
  void keepsNothingOfACertificateThatIsNotListed() throws Exception {
    Bytes nina = der("nina@chat.example");
    CertificateIdentities first = certificates.read(nina, nina.sha256(), false).orElseThrow();
    assertThat(certificates.read(nina, nina.sha256(), true).orElseThrow()).isNotSameAs(first);
  }

  @Test
  void keepsNothingThatCannotBeRead() {
    Bytes none = Bytes.utf8("no certificate");
    assertThat(certificates.read(none, none.sha256(), true)).isEmpty();
    assertThat(certificates.read(none, none.sha256(), true)).isEmpty();
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "design: what must always hold",
      rule = "what is remembered has a bound; what was asked for least lately goes")
  void forgetsTheOneThatWasAskedForLeastLatelyWhenThereAreTooMany() throws Exception {
    Bytes nina = der("nina@chat.example");
    Bytes early = Bytes.utf8("early").sha256();
    Bytes asked = Bytes.utf8("asked").sha256();
    CertificateIdentities first = certificates.read(nina, early, true).orElseThrow();
    CertificateIdentities second = certificates.read(nina, asked, true).orElseThrow();
    for (int i = 2; i <= KnownCertificates.MOST; i++) { // one more than there is room for
      if (i == KnownCertificates.MOST) {
        assertThat(certificates.read(nina, asked, true)).containsSame(second);
      }
      var _ = certificates.read(nina, Bytes.utf8("number " + i).sha256(), true);
    }
    assertThat(certificates.read(nina, asked, true)).containsSame(second);
    assertThat(certificates.read(nina, early, true).orElseThrow()).isNotSameAs(first);
  }
}
