// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.wire.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.credential.Bytes;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import org.junit.jupiter.api.Test;

class EndPointsTest {
  private final EndPoints endPoints = new EndPoints();

  @Test
  void tellsOfEachCertificateItsOwnHashInWhateverOrderTheyCome() throws Exception {
    X509Certificate one = TestCertificates.server("one.example").chain().getFirst();
    X509Certificate other = TestCertificates.server("other.example").chain().getFirst();
    for (X509Certificate asked : new X509Certificate[] {one, one, other, one, other, other}) {
      assertThat(endPoints.of(asked))
          .contains(Bytes.of(MessageDigest.getInstance("SHA-256").digest(asked.getEncoded())));
    }
  }

  @Test
  void hashesACertificateThatIsShownAgainOnlyOnce() {
    X509Certificate shown = TestCertificates.server("one.example").chain().getFirst();
    Bytes first = endPoints.of(shown).orElseThrow();
    assertThat(endPoints.of(shown).orElseThrow()).isSameAs(first);
  }

  @Test
  void tellsAgainThatOneHasNone() {
    X509Certificate none =
        TestCertificates.named("s").key("Ed25519").selfSigned().chain().getFirst();
    assertThat(endPoints.of(none)).isEmpty();
    assertThat(endPoints.of(none)).isEmpty();
  }
}
