// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.wire.framing;

import com.fasterxml.aalto.AsyncByteArrayFeeder;
import com.fasterxml.aalto.AsyncXMLStreamReader;
import com.fasterxml.aalto.stax.InputFactoryImpl;
import java.nio.charset.StandardCharsets;
import javax.xml.stream.XMLStreamException;

/// Makes parsers that know the names which nearly every stream has, so that not each of them learns
/// them anew. Thread-safe.
///
/// A parser hands on what it has learnt when it is closed. These are never closed: a peer could
/// fill the memory with names of its own making.
final class Vocabulary {
  /// What is said while somebody signs in, and most of what is said afterwards.
  private static final String USUAL =
      """
      <stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' \
      to='' from='' id='' version='' xml:lang=''>\
      <authenticate xmlns='urn:xmpp:sasl:2' mechanism=''><initial-response/>\
      <user-agent id=''><software/><device/></user-agent>\
      <sasl-channel-binding/><response/><next/><abort/>\
      <fast count=''/><request-token/><enrol by=''/>\
      <bind><tag/><enable resume='' max=''/><resume h='' previd=''/><inactive/><active/></bind>\
      </authenticate><auth/><starttls/>\
      <presence type=''><show/><status/><priority/><c hash='' node='' ver=''/></presence>\
      <message type=''><body/><active/><composing/><paused/><request/><received/><markable/>\
      <origin-id/><store/><encrypted/></message>\
      <iq type=''><query queryid=''/><resource/><session/><ping/><r/><a/>\
      <pubsub><items/><item/><publish/></pubsub><x var=''><field/><value/></x>\
      <set><max/><before/><after/></set></iq>\
      </stream:stream>\
      """;

  private static final InputFactoryImpl PARSERS = taught();

  private Vocabulary() {}

  /// A parser of one stream.
  static AsyncXMLStreamReader<AsyncByteArrayFeeder> parser() {
    return PARSERS.createAsyncForByteArray();
  }

  private static InputFactoryImpl taught() {
    InputFactoryImpl factory = new InputFactoryImpl();
    byte[] usual = USUAL.getBytes(StandardCharsets.UTF_8);
    AsyncXMLStreamReader<AsyncByteArrayFeeder> parser = factory.createAsyncForByteArray();
    try {
      parser.getInputFeeder().feedInput(usual, 0, usual.length);
      parser.getInputFeeder().endOfInput();
      while (parser.hasNext()) {
        var _ = parser.next();
      }
      parser.close();
    } catch (XMLStreamException impossible) {
      throw new IllegalStateException("the usual words are well-formed", impossible);
    }
    return factory;
  }
}
