// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.wire.framing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.aalto.AsyncByteArrayFeeder;
import com.fasterxml.aalto.AsyncXMLStreamReader;
import dev.latchkey.wire.element.Element;
import java.lang.ref.WeakReference;
import java.nio.charset.StandardCharsets;
import javax.xml.stream.XMLStreamException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VocabularyTest {
  private static final int COLLECTIONS = 50;

  /// Names that exist only as a stream's octets, in a stream that ends as told.
  private static WeakReference<String> nameMadeUp(String end) {
    StreamFraming framing = new StreamFraming(StreamLimits.AUTHENTICATED);
    String name = "made-up-" + System.nanoTime();
    Element element =
        framing
            .feed((Streams.OPEN + "<" + name + "/>" + end).getBytes(StandardCharsets.UTF_8))
            .stream()
            .filter(StreamEvent.Received.class::isInstance)
            .map(event -> ((StreamEvent.Received) event).element())
            .findFirst()
            .orElseThrow();
    assertThat(element.name()).isEqualTo(name).isNotSameAs(name);
    return new WeakReference<>(element.name());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "</stream:stream>", "<a></b>"})
  void forgetsTheNamesThatAPeerMadeUp(String end) {
    WeakReference<String> name = nameMadeUp(end);
    for (int i = 0; i < COLLECTIONS && name.get() != null; i++) {
      System.gc();
    }
    assertThat(name.get()).as("a name that nobody uses any more").isNull();
  }

  @Test
  void knowsNoPrefixThatAStreamDidNotDeclare() throws Exception {
    AsyncXMLStreamReader<AsyncByteArrayFeeder> parser = Vocabulary.parser();
    byte[] undeclared = "<stream:stream>".getBytes(StandardCharsets.UTF_8);
    parser.getInputFeeder().feedInput(undeclared, 0, undeclared.length);
    assertThatThrownBy(
            () -> {
              var _ = parser.next();
              var _ = parser.next();
            })
        .isInstanceOf(XMLStreamException.class);
  }
}
