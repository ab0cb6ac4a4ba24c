// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ProtocolSchemasTest {
  private static final ProtocolSchemas SCHEMAS = ProtocolSchemas.read();

  @Test
  void findsOurElementsInsideOfOthers() {
    String xml =
        "<iq type='set' id='1'><revoke xmlns='urn:latchkey:perm:0' id='dev-1'/></iq>"
            + "<success xmlns='urn:xmpp:sasl:2'>"
            + "<enrolled xmlns='urn:latchkey:csr:0' device='dev-1' credential='cred-1'/></success>";
    assertThat(SCHEMAS.validate(xml)).isEmpty();
    assertThat(SCHEMAS.count(xml)).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " unbound='true'"})
  void takesADeviceThatIsMarkedAndOneThatIsNot(String mark) {
    assertThat(
            SCHEMAS.validate(
                "<client xmlns='urn:xmpp:cam:0'><device xmlns='urn:latchkey:cred:0' name='Phone'"
                    + " status='active'"
                    + mark
                    + "/></client>"))
        .isEmpty();
  }

  @Test
  void leavesOthersAlone() {
    assertThat(SCHEMAS.validate("<message><anything xmlns='urn:example' at='all'/></message>"))
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<revoke xmlns='urn:latchkey:perm:0'/>",
        "<revoke xmlns='urn:latchkey:perm:0' id='dev-1' cascade='perhaps'/>",
        "<revoke xmlns='urn:latchkey:perm:0' id='dev-1' cascaed='true'/>",
        "<revoked xmlns='urn:latchkey:perm:0'/>",
        "<permission-required xmlns='urn:latchkey:perm:0' flag='everything'/>",
        "<reason xmlns='urn:latchkey:csr:0'>dislike</reason>",
        "<request xmlns='urn:latchkey:csr:0'>AAAA</request>",
        "<sign xmlns='urn:latchkey:csr:0'/>",
        "<sign xmlns='urn:latchkey:csr:0'><request>not base64</request></sign>",
        "<sign xmlns='urn:latchkey:csr:0'><request>AAAA</request><link>AAAA</link></sign>",
        "<sign xmlns='urn:latchkey:csr:0'>AAAA</sign>",
        "<signed xmlns='urn:latchkey:csr:0' device='d' credential='c'"
            + " not-after='2026-11-21T20:00:00Z'><cert>AAAA</cert></signed>",
        "<signed xmlns='urn:latchkey:csr:0' device='d' credential='c'"
            + " not-after='2026-11-21T20:00:00+01:00'><cert>AAAA</cert><cert>AAAA</cert></signed>",
        "<issued xmlns='urn:latchkey:onetime:0' id='c' expires='2026-11-21T20:00:00Z'"
            + " token='short' uri='xmpp:nina@chat.example'/>",
        "<issue xmlns='urn:latchkey:onetime:0' ttl='0'/>",
        "<issue xmlns='urn:latchkey:onetime:0' for='this'/>",
        "<device xmlns='urn:latchkey:cred:0' name='Phone'/>",
        "<device xmlns='urn:latchkey:cred:0' name='Phone' status='active' unbound='perhaps'/>",
        "<credential-revoked xmlns='urn:latchkey:events:0'>why</credential-revoked>",
        "<anything xmlns='urn:latchkey:unheard-of:0'/>"
      })
  void refusesWhatTheSchemasDoNotHave(String xml) {
    assertThat(SCHEMAS.validate("<iq type='set' id='1'>" + xml + "</iq>")).isNotEmpty();
  }

  @Test
  void refusesWhatIsNotWellFormed() {
    assertThatExceptionOfType(AssertionError.class)
        .isThrownBy(() -> SCHEMAS.validate("<iq><revoke xmlns='urn:latchkey:perm:0'></iq>"))
        .withMessageContaining("not well-formed");
  }
}
