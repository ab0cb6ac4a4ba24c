// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.scram;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.credential.Bytes;
import dev.latchkey.sasl.gs2.Gs2Header;
import dev.latchkey.sasl.gs2.SaslName;
import dev.latchkey.testkit.Spec;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The grammar of RFC 5802 §7: what is taken, and for each of its rules what is not.
class ScramMessagesTest {
  @ParameterizedTest
  @Spec(doc = "RFC 5802", section = "7", rule = "client-first-message")
  @ValueSource(
      strings = {
        "",
        ",",
        ",,",
        "n",
        "n,",
        "n,,",
        "n,n=nina,r=abc", // one comma short
        "x,,n=nina,r=abc",
        "N,,n=nina,r=abc",
        "nn,,n=nina,r=abc",
        "p,,n=nina,r=abc",
        "p=,,n=nina,r=abc",
        "p=tls exporter,,n=nina,r=abc",
        "p=tls_exporter,,n=nina,r=abc",
        "F,n,,n=nina,r=abc", // a nonstandard mechanism's header
        "n,nina,n=nina,r=abc",
        "n,a=,n=nina,r=abc",
        "n,a=n=i,n=nina,r=abc",
        "n,a=n\0,n=nina,r=abc",
        "n,b=nina,n=nina,r=abc",
        "n,,r=abc",
        "n,,n=nina",
        "n,,n=nina,",
        "n,,r=abc,n=nina",
        "n,,n=,r=abc",
        "n,,n=nina,r=",
        "n,,n=nina,r=a b",
        "n,,n=nina,r=\u00e4bc",
        "n,,n=nina,r=a\u007fc",
        "n,,n=nina,r=a\tc",
        "n,,n=ni=na,r=abc",
        "n,,n=ni=2cna,r=abc", // lower case is no escape
        "n,,n=ni=2,r=abc",
        "n,,n=ni=00na,r=abc",
        "n,,n=ni\0na,r=abc",
        "n,,m=ext,n=nina,r=abc", // RFC 5802 §5.1: reserved
        "n,,n=nina,r=abc,m=ext",
        "n,,n=nina,m=ext,r=abc",
        "n,,n=nina,r=abc,",
        "n,,n=nina,r=abc,x",
        "n,,n=nina,r=abc,x=",
        "n,,n=nina,r=abc,1=y",
        "n,,n=nina,r=abc,xy=z",
        "n,,n=nina,r=abc,\u00e4=z",
        "n,,n=nina,r=abc,x=1,x=2",
        "n,,n=nina,r=abc,n=mallory",
        "n,,n=nina,r=abc,r=def",
        "n,,n=nina,r=abc,a=mallory",
        "n,,n=nina,r=abc,p=eA==",
        " n,,n=nina,r=abc",
        "n,,N=nina,r=abc",
      })
  void refusesAClientFirstMessageThatBreaksTheGrammar(String text) {
    assertThat(ClientFirst.parse(Bytes.utf8(text))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"ff", "6e2c2c6e3dc0af2c723d61", "6e2c2c6e3deda0802c723d61"})
  void refusesAClientFirstMessageThatIsNotUtf8(String hex) {
    assertThat(ClientFirst.parse(Bytes.hex(hex))).isEmpty();
  }

  @Test
  void readsAClientFirstMessage() {
    ClientFirst first =
        ClientFirst.parse(
                Bytes.utf8("p=tls-exporter,a=a=2Cb=3Dc,n=n=2Ci=3Dna\u00e4,r=+/a~!,x=y=z,H=\u00e4"))
            .orElseThrow();
    assertThat(first.header())
        .isEqualTo(
            new Gs2Header(Gs2Header.Flag.BINDS, Optional.of("tls-exporter"), Optional.of("a,b=c")));
    assertThat(first.authcid()).isEqualTo("n,i=na\u00e4");
    assertThat(first.nonce()).isEqualTo("+/a~!");
    assertThat(first.bare()).isEqualTo("n=n=2Ci=3Dna\u00e4,r=+/a~!,x=y=z,H=\u00e4");
  }

  @Test
  void anEscapeIsReadOnce() {
    assertThat(SaslName.decode("=3D2C")).contains("=2C");
    assertThat(SaslName.encode("=2C")).isEqualTo("=3D2C");
  }

  @ParameterizedTest
  @ValueSource(strings = {"n", "y", "p=tls-server-end-point"})
  void writesTheHeaderAsItReadIt(String flag) {
    String text = flag + ",a=a=2Cb,n=nina,r=abc";
    assertThat(ClientFirst.parse(Bytes.utf8(text)).map(ClientFirst::octets))
        .contains(Bytes.utf8(text));
  }

  @ParameterizedTest
  @Spec(doc = "RFC 5802", section = "7", rule = "server-first-message")
  @ValueSource(
      strings = {
        "",
        "r=abc,s=QQ==",
        "r=abc,i=4096,s=QQ==",
        "s=QQ==,r=abc,i=4096",
        "m=x,r=abc,s=QQ==,i=4096",
        "r=abc,s=QQ==,i=4096,m=x",
        "r=a c,s=QQ==,i=4096",
        "r=,s=QQ==,i=4096",
        "r=abc,s=,i=4096",
        "r=abc,s=Q,i=4096",
        "r=abc,s=Q*==,i=4096",
        "r=abc,s=QQ==,i=0",
        "r=abc,s=QQ==,i=04096",
        "r=abc,s=QQ==,i=-1",
        "r=abc,s=QQ==,i=+4096",
        "r=abc,s=QQ==,i=4096.0",
        "r=abc,s=QQ==,i=\u0664096",
        "r=abc,s=QQ==,i=4294967296",
        "r=abc,s=QQ==,i=99999999999999999999",
        "r=abc,s=QQ==,i=4096,s=QQ==",
        "r=abc,s=QQ==,i=4096,h=*",
        "r=abc,s=QQ==,i=4096,h=QQ==,h=QQ==",
        "r=abc,s=QQ==,i=4096,",
        "e=other-error",
      })
  void refusesAServerFirstMessageThatBreaksTheGrammar(String text) {
    assertThat(ServerFirst.parse(Bytes.utf8(text))).isEmpty();
  }

  @Test
  void readsAServerFirstMessage() {
    ServerFirst first =
        ServerFirst.parse(Bytes.utf8("r=abc,s=QQ==,i=4096,t=0304,h=Qg==")).orElseThrow();
    assertThat(first.nonce()).isEqualTo("abc");
    assertThat(first.salt()).isEqualTo(Bytes.utf8("A"));
    assertThat(first.iterations()).isEqualTo(4096);
    assertThat(first.downgradeHash()).contains(Bytes.utf8("B"));
    assertThat(first.text()).isEqualTo("r=abc,s=QQ==,i=4096,t=0304,h=Qg==");
  }

  @ParameterizedTest
  @Spec(doc = "RFC 5802", section = "7", rule = "client-final-message")
  @ValueSource(
      strings = {
        "",
        "c=biws,r=abc",
        "c=biws,p=QQ==",
        "r=abc,p=QQ==",
        "r=abc,c=biws,p=QQ==",
        "p=QQ==,c=biws,r=abc",
        "c=biws,r=abc,p=QQ==,x=y", // nothing stands behind the proof
        "c=biws,r=abc,p=QQ==,p=QQ==",
        "c=biws,r=abc,p=",
        "c=biws,r=abc,p=Q",
        "c=biws,r=abc,p=Q*==",
        "c=*,r=abc,p=QQ==",
        "c=,r=abc,p=QQ==",
        "c=biws,r=a c,p=QQ==",
        "c=biws,r=,p=QQ==",
        "c=biws,r=abc,c=biws,p=QQ==",
        "c=biws,r=abc,m=x,p=QQ==",
        "m=x,c=biws,r=abc,p=QQ==",
        "c=biws,r=abc,x=,p=QQ==",
        "c=biws,r=abc,x=1,x=2,p=QQ==",
        "c=biws,r=abc,,p=QQ==",
        "c=biws,r=abc,v=QQ==,p=QQ==",
      })
  void refusesAClientFinalMessageThatBreaksTheGrammar(String text) {
    assertThat(ClientFinal.parse(Bytes.utf8(text))).isEmpty();
  }

  @Test
  void readsAClientFinalMessage() {
    ClientFinal last = ClientFinal.parse(Bytes.utf8("c=biws,r=abc,x=y,p=QQ==")).orElseThrow();
    assertThat(last.channelBinding()).isEqualTo(Bytes.utf8("n,,"));
    assertThat(last.nonce()).isEqualTo("abc");
    assertThat(last.proof()).isEqualTo(Bytes.utf8("A"));
    assertThat(last.withoutProof()).isEqualTo("c=biws,r=abc,x=y");
    assertThat(last.octets()).isEqualTo(Bytes.utf8("c=biws,r=abc,x=y,p=QQ=="));
  }

  @ParameterizedTest
  @Spec(doc = "RFC 5802", section = "7", rule = "server-final-message")
  @ValueSource(
      strings = {
        "",
        "v=",
        "v=Q",
        "v=*",
        "e=invalid-proof",
        "x=y,v=QQ==",
        "v=QQ==,v=QQ==",
        "v=QQ==,m=x",
        "v=QQ==,e=other-error",
        "V=QQ==",
      })
  void refusesAServerFinalMessageThatIsNoSignature(String text) {
    assertThat(ServerFinal.parse(Bytes.utf8(text))).isEmpty();
  }

  @Test
  void readsAServerFinalMessage() {
    assertThat(ServerFinal.parse(Bytes.utf8("v=QQ==,x=y")))
        .contains(new ServerFinal(Bytes.utf8("A")));
  }
}
