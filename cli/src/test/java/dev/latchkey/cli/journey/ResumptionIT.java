// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.journey;

import static dev.latchkey.cli.journey.CountingClient.bodiesOf;
import static dev.latchkey.cli.journey.CountingClient.enable;
import static dev.latchkey.cli.journey.CountingClient.resume;
import static dev.latchkey.cli.journey.RunningServer.DOMAIN;
import static dev.latchkey.cli.journey.RunningServer.NINA;
import static dev.latchkey.wire.element.Namespaces.STREAM_MANAGEMENT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.cli.journey.CountingClient.Attempt;
import dev.latchkey.cli.journey.CountingClient.Way;
import dev.latchkey.client.ClientStream;
import dev.latchkey.client.DeviceKey;
import dev.latchkey.client.LoginUri;
import dev.latchkey.client.SaslOutcome;
import dev.latchkey.client.StreamErrorException;
import dev.latchkey.client.StreamFeatures;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.sasl.external.ExternalClient;
import dev.latchkey.sasl.scram.ScramClient;
import dev.latchkey.sasl.scram.ScramVariant;
import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import dev.latchkey.wire.management.StanzaCount;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Stream management (XEP-0198) as it comes over the wire, above all where it is asked for wrongly.
/// That counts go round at 2^32 cannot be reached over a wire: `StanzaCountTest` and
/// `UnacknowledgedTest` show it.
class ResumptionIT {
  private static final AccountJid OTTO = new AccountJid("otto", DOMAIN);

  @TempDir Path folder;

  private RunningServer server;

  @BeforeEach
  void start() throws Exception {
    server = RunningServer.in(folder);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private CountingClient phone(Way way) throws Exception {
    return CountingClient.enrolled(server, way, NINA, "phone");
  }

  private CountingClient otto() throws Exception {
    return CountingClient.enrolled(server, Way.SASL2, OTTO, "otto");
  }

  // What a lost connection costs: nothing.

  @ParameterizedTest
  @EnumSource(Way.class)
  @Spec(
      doc = "XEP-0198",
      section = "5",
      rule = "After a resumption each side sends again what the other has not handled, once")
  void whatADeviceMissedComesOnceAndInOrder(Way way) throws Exception {
    CountingClient phone = phone(way);
    CountingClient otto = otto();
    otto.chats(phone.jid(), "one");
    assertThat(bodiesOf(List.of(phone.stanza()))).containsExactly("one");
    otto.chats(phone.jid(), "two"); // reaches the connection, but is not dealt with
    assertThat(otto.everything()).isEmpty();
    phone.losesItsConnection(server);
    otto.chats(phone.jid(), "three");
    otto.says(
        "<iq type='get' id='v' to='%s'><query xmlns='jabber:iq:version'/></iq>"
            .formatted(phone.jid()));
    otto.says("<presence to='%s'/>".formatted(phone.jid()));
    otto.chats(phone.jid(), "four");
    assertThat(otto.everything()).as("nobody is told that it is away").isEmpty();

    StanzaCount handled = phone.resumes();

    assertThat(handled).isEqualTo(StanzaCount.ZERO);
    List<Element> missed = phone.everything();
    assertThat(missed)
        .extracting(Element::name)
        .containsExactly("message", "message", "iq", "presence", "message");
    assertThat(bodiesOf(missed)).containsExactly("two", "three", "four");
    phone.acknowledges();
    assertThat(phone.everything()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  @Spec(
      doc = "XEP-0198",
      section = "5",
      rule = "The server tells with the resumption how many stanzas it has handled")
  void whatTheServerHasHandledIsNotSentAgain(Way way) throws Exception {
    CountingClient phone = phone(way);
    CountingClient otto = otto();
    phone.chats(otto.jid(), "one");
    phone.chats(otto.jid(), "two");
    assertThat(phone.asks().toString()).isEqualTo("2");
    phone.losesItsConnection(server);

    assertThat(phone.resumes().toString()).isEqualTo("2");

    phone.chats(otto.jid(), "three");
    assertThat(phone.asks().toString()).isEqualTo("3");
    assertThat(otto.bodies()).containsExactly("one", "two", "three");
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  @Spec(
      doc = "XEP-0198",
      section = "5",
      rule = "An old stream that still stands is ended with a conflict")
  void aConnectionThatOnlySeemsToStandIsReplaced(Way way) throws Exception {
    CountingClient phone = phone(way);
    ClientStream old = phone.stream();

    var _ = phone.resumes();

    Peer.Heard heard = Peer.untilEnd(old);
    assertThat(heard.end())
        .isInstanceOfSatisfying(
            StreamErrorException.class,
            error -> assertThat(error.condition()).isEqualTo("conflict"));
    assertThat(phone.everything()).isEmpty();
  }

  @Test
  @Spec(
      doc = "XEP-0198",
      section = "6",
      rule = "No stream features follow a resumption inside SASL2")
  void noFeaturesFollowAResumptionInsideTheSignIn() throws Exception {
    CountingClient phone = phone(Way.SASL2);
    phone.losesItsConnection(server);
    Attempt attempt = phone.tries(resume(phone.id(), "0"));
    phone.goesOnOver(attempt.stream());

    assertThat(phone.everything()).isEmpty();
  }

  @Test
  @Spec(
      doc = "XEP-0198",
      section = "5",
      rule = "A stream that the client closes is over, and cannot be resumed")
  void aStreamThatWasClosedIsOver() throws Exception {
    CountingClient phone = phone(Way.SASL2);
    phone.chats(phone.jid(), "to myself");
    assertThat(phone.bodies()).containsExactly("to myself");
    String handled = phone.asks().toString();
    phone.stream().close();
    Eventually.holds(() -> sessions() == 0);

    Attempt attempt = phone.tries(resume(phone.id(), phone.handled().toString()));

    assertThat(attempt.condition()).isEqualTo("item-not-found");
    assertThat(attempt.answer().attribute("h")).contains(handled);
  }

  private int sessions() throws Exception {
    return server
        .admin(new dev.latchkey.server.admin.JsonLine().with("command", "status"))
        .getFirst()
        .path("sessions")
        .asInt();
  }

  // A count that cannot be.

  @ParameterizedTest
  @EnumSource(Way.class)
  @Spec(
      doc = "latchkey",
      section = "rule 46",
      rule = "A count above what was sent ends the new connection, and changes nothing else")
  void aCountTooHighHarmsOnlyTheNewConnection(Way way) throws Exception {
    CountingClient phone = phone(way);
    CountingClient otto = otto();
    otto.chats(phone.jid(), "one");
    otto.chats(phone.jid(), "two");
    assertThat(otto.everything()).isEmpty();

    impossible(phone, "3", "2");

    assertThat(bodiesOf(List.of(phone.stanza(), phone.stanza())))
        .as("the old stream stands")
        .containsExactly("one", "two");
    phone.chats(otto.jid(), "still here");
    assertThat(phone.asks().toString()).isEqualTo("1");
    assertThat(phone.resumes().toString()).isEqualTo("1");
    assertThat(phone.everything()).isEmpty();
    assertThat(otto.bodies()).containsExactly("still here");
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  @Spec(
      doc = "latchkey",
      section = "rule 46",
      rule = "A count below what was acknowledged is one too high, modulo 2^32")
  void aCountBehindTheQueueHarmsOnlyTheNewConnection(Way way) throws Exception {
    CountingClient phone = phone(way);
    CountingClient otto = otto();
    otto.chats(phone.jid(), "one");
    otto.chats(phone.jid(), "two");
    assertThat(bodiesOf(List.of(phone.stanza(), phone.stanza()))).containsExactly("one", "two");
    phone.acknowledges();
    assertThat(phone.asks()).isEqualTo(StanzaCount.ZERO);
    phone.losesItsConnection(server);

    impossible(phone, "1", "2");
    impossible(phone, "4294967295", "2");

    assertThat(CountingClient.hibernated(server)).isEqualTo(1);
    var _ = phone.resumes();
    assertThat(phone.everything()).isEmpty();
  }

  private static void impossible(CountingClient phone, String count, String sent) {
    assertThatThrownBy(() -> phone.tries(resume(phone.id(), count)))
        .isInstanceOfSatisfying(
            StreamErrorException.class,
            error -> {
              assertThat(error.condition()).isEqualTo("undefined-condition");
              Element claim = error.application().orElseThrow();
              assertThat(claim.is("handled-count-too-high", STREAM_MANAGEMENT)).isTrue();
              assertThat(claim.attribute("h")).contains(count);
              assertThat(claim.attribute("send-count")).contains(sent);
            });
  }

  @Test
  @Spec(
      doc = "XEP-0198",
      section = "4",
      rule = "Who acknowledges more than was sent is told that this cannot be")
  void anAcknowledgementOfMoreThanWasSentEndsTheStream() throws Exception {
    CountingClient phone = phone(Way.SASL2);
    phone.acknowledges("1");

    assertThat(Peer.untilEnd(phone.stream()).end())
        .isInstanceOfSatisfying(
            StreamErrorException.class,
            error -> {
              assertThat(error.condition()).isEqualTo("undefined-condition");
              assertThat(error.application().orElseThrow().name())
                  .isEqualTo("handled-count-too-high");
            });
    Eventually.holds(() -> sessions() == 0);
  }

  private static final List<String> NO_COUNTS =
      List.of("", "-1", "+1", " 1", "0x1", "1.0", "many", "4294967296", "99999999999999999");

  @ParameterizedTest
  @EnumSource(Way.class)
  @Spec(doc = "latchkey", section = "rule 46", rule = "An h is decimal, has no sign, is below 2^32")
  void whatIsNoCountIsNotUnderstood(Way way) throws Exception {
    CountingClient phone = phone(way);
    phone.losesItsConnection(server);

    for (String count : NO_COUNTS) {
      assertThat(phone.tries(resume(phone.id(), count)).condition())
          .as(count)
          .isEqualTo("bad-request");
    }

    var _ = phone.resumes();
    assertThat(phone.everything()).isEmpty();
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 46", rule = "An h is decimal, has no sign, is below 2^32")
  void anAcknowledgementThatIsNoCountEndsTheStream() throws Exception {
    CountingClient phone = phone(Way.SASL2);
    for (String count : NO_COUNTS) {
      phone.acknowledges(count);
      assertThat(conditionOfEnd(phone.stream())).as(count).isEqualTo("bad-format");
      phone = CountingClient.signedIn(server, Way.SASL2, NINA, "phone", enable());
    }
  }

  private static String conditionOfEnd(ClientStream stream) {
    Peer.Heard heard = Peer.untilEnd(stream);
    assertThat(heard.end()).isInstanceOf(StreamErrorException.class);
    return ((StreamErrorException) heard.end()).condition();
  }

  // Out of order.

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 43",
      rule = "Nothing is resumed for somebody who has proven nothing; it counts as an attempt")
  void nothingIsResumedBeforeAProof() throws Exception {
    CountingClient phone = phone(Way.SASL2);
    phone.losesItsConnection(server);
    ClientStream stranger = CountingClient.dial(server, NINA, "phone");
    var _ = stranger.open();
    Element wish = resume(phone.id(), "0");

    stranger.send(wish);
    assertThat(new Attempt(stranger, stranger.next()).condition()).isEqualTo("unexpected-request");
    for (int i = 0; i < 10; i++) {
      stranger.send(wish);
    }

    assertThat(conditionOfEnd(stranger)).isEqualTo("policy-violation");
    assertThat(CountingClient.hibernated(server)).isEqualTo(1);
    var _ = phone.resumes();
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  @Spec(
      doc = "XEP-0198",
      section = "5",
      rule = "A session is resumed instead of binding, not after")
  void nothingIsResumedBehindABinding(Way way) throws Exception {
    CountingClient phone = phone(way);
    phone.losesItsConnection(server);
    server.enrol(server.invite(NINA), "tablet");
    CountingClient tablet = CountingClient.signedIn(server, way, NINA, "tablet", enable());
    ClientStream same = tablet.stream();
    same.send(resume(phone.id(), "0"));
    assertThat(new Attempt(same, same.next()).condition()).isEqualTo("unexpected-request");
    same.send(resume(tablet.id(), "0"));
    assertThat(new Attempt(same, same.next()).condition()).isEqualTo("unexpected-request");

    assertThat(tablet.everything()).as("it goes on").isEmpty();
    var _ = phone.resumes();
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 43", rule = "One resume after the sign-in, not two")
  void aSecondWishOnTheSameConnectionIsUnexpected() throws Exception {
    CountingClient phone = phone(Way.SASL1);
    phone.losesItsConnection(server);
    Attempt first = phone.tries(resume("unknown", "0"));
    assertThat(first.condition()).isEqualTo("item-not-found");

    first.stream().send(resume(phone.id(), "0"));
    assertThat(new Attempt(first.stream(), first.stream().next()).condition())
        .isEqualTo("unexpected-request");
    first.stream().send(Peer.bind("b", "other"));

    assertThat(first.stream().next().child("bind", Namespaces.BIND)).isPresent();
    var _ = phone.resumes();
  }

  @Test
  @Spec(doc = "XEP-0198", section = "3", rule = "Counting begins only with a resource")
  void nothingIsCountedBeforeTheBinding() throws Exception {
    server.enrol(server.invite(NINA), "phone");
    ClientStream stream = CountingClient.dial(server, NINA, "phone");
    assertThat(stream.authenticate(stream.open(), new ExternalClient(NINA), List.of()))
        .isInstanceOf(SaslOutcome.Succeeded.class);
    var _ = stream.features();
    stream.send(enable());

    assertThat(new Attempt(stream, stream.next()).condition()).isEqualTo("unexpected-request");
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  @Spec(
      doc = "XEP-0198",
      section = "3",
      rule = "Stream management is enabled once; the first lives on")
  void countingIsBegunOnce(Way way) throws Exception {
    CountingClient phone = phone(way);
    CountingClient otto = otto();
    for (Element again : List.of(enable(), Element.empty("enable", STREAM_MANAGEMENT))) {
      phone.stream().send(again);
      assertThat(new Attempt(phone.stream(), phone.stream().next()).condition())
          .isEqualTo("unexpected-request");
    }
    otto.chats(phone.jid(), "one");
    assertThat(bodiesOf(List.of(phone.stanza()))).containsExactly("one");
    phone.chats(otto.jid(), "two");
    assertThat(phone.asks().toString()).as("counted from the first").isEqualTo("1");
    phone.losesItsConnection(server);
    otto.chats(phone.jid(), "three");

    assertThat(phone.resumes().toString()).isEqualTo("1");

    assertThat(phone.bodies()).containsExactly("three");
  }

  private static final List<String> SIGN_INS =
      List.of(
          "<resume xmlns='urn:xmpp:sm:3' previd='x' h='0'/>",
          "<enable xmlns='urn:xmpp:sm:3' resume='true'/>",
          "<authenticate xmlns='urn:xmpp:sasl:2' mechanism='EXTERNAL'/>",
          "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>=</auth>",
          "<iq xmlns='jabber:client' type='set' id='b'>"
              + "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>");

  @ParameterizedTest
  @EnumSource(Way.class)
  @Spec(
      doc = "latchkey",
      section = "rule 45",
      rule = "What signs in behind a resumption ends the connection; the session sleeps again")
  void whatSignsInBehindAResumptionCostsTheConnectionOnly(Way way) throws Exception {
    CountingClient phone = phone(way);
    phone.losesItsConnection(server);
    for (String element : SIGN_INS) {
      assertThat(phone.resumes()).as("nothing was handled").isEqualTo(StanzaCount.ZERO);
      phone.says(element);

      assertThat(conditionOfEnd(phone.stream())).as(element).isEqualTo("policy-violation");

      Eventually.holds(() -> CountingClient.hibernated(server) == 1);
    }
    assertThat(phone.resumes()).isEqualTo(StanzaCount.ZERO);
    assertThat(phone.everything()).isEmpty();
  }

  // Somebody else's.

  @ParameterizedTest
  @EnumSource(Way.class)
  @Spec(
      doc = "latchkey",
      section = "rule 44",
      rule = "Only its device resumes a session; for all others it is unknown")
  void aSessionOfSomebodyElseIsNoMoreThanAnUnknownOne(Way way) throws Exception {
    CountingClient phone = phone(way);
    phone.losesItsConnection(server);
    CountingClient tablet = CountingClient.enrolled(server, way, NINA, "tablet");
    CountingClient otto = CountingClient.enrolled(server, way, OTTO, "otto");
    Element unknown = tablet.tries(resume("never-heard-of", "0")).answer();

    assertThat(tablet.tries(resume(phone.id(), "0")).answer())
        .as("another device of the account")
        .isEqualTo(unknown);
    assertThat(otto.tries(resume(phone.id(), "0")).answer())
        .as("another account")
        .isEqualTo(unknown);

    assertThat(unknown.attribute("h")).isEmpty();
    assertThat(new Attempt(tablet.stream(), unknown).condition()).isEqualTo("item-not-found");
    assertThat(CountingClient.hibernated(server)).isEqualTo(1);
    var _ = phone.resumes();
    assertThat(phone.everything()).isEmpty();
  }

  @Test
  @Spec(
      doc = "XEP-0386",
      section = "4",
      rule = "If the session cannot be resumed the client is told so, and bound")
  void whatCannotBeResumedIsBound() throws Exception {
    CountingClient phone = phone(Way.SASL2);
    ClientStream stream = CountingClient.dial(server, NINA, "phone");
    SaslOutcome outcome =
        stream.authenticate(
            stream.open(),
            new ExternalClient(NINA),
            List.of(resume("never-heard-of", "0"), Peer.bind2()));

    Element success = ((SaslOutcome.Succeeded) outcome).success();
    assertThat(success.child("failed", STREAM_MANAGEMENT)).isPresent();
    assertThat(success.child("bound", Namespaces.BIND2)).isPresent();
    assertThat(phone.everything()).as("the other session").isEmpty();
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 10",
      rule = "Who comes in by a code has nothing to resume")
  void nothingIsResumedBesideACode() throws Exception {
    CountingClient phone = phone(Way.SASL2);
    phone.losesItsConnection(server);
    LoginUri uri = server.invite(NINA);
    ClientStream stream = server.stream(uri, Optional.empty());
    StreamFeatures features = stream.open();
    ScramClient code =
        Peer.scram(stream, ScramVariant.SCRAM_SHA_256_PLUS, NINA, uri.token().canonical());
    assertThat(
            stream.authenticate(
                features, code, List.of(Peer.enrol("csr"), resume(phone.id(), "0"))))
        .isInstanceOf(SaslOutcome.Continued.class);
    stream.send(Peer.next(Peer.sign(code, NINA, DeviceKey.make().request(NINA, Optional.empty()))));

    Element success = stream.next();
    assertThat(success.is("success", Namespaces.SASL2)).as(success.toXml()).isTrue();
    Element failed = success.child("failed", STREAM_MANAGEMENT).orElseThrow();
    assertThat(new Attempt(stream, failed).condition()).isEqualTo("item-not-found");
    assertThat(failed.attribute("h")).isEmpty();
    var _ = phone.resumes();
  }
}
