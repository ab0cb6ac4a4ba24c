// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.journey;

import static dev.latchkey.cli.journey.RunningServer.DOMAIN;
import static dev.latchkey.cli.journey.RunningServer.NINA;
import static dev.latchkey.cli.journey.RunningServer.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.latchkey.client.ClientException;
import dev.latchkey.client.ClientStream;
import dev.latchkey.client.DeviceKey;
import dev.latchkey.client.Enrolment;
import dev.latchkey.client.LatchkeyClient;
import dev.latchkey.client.LoginUri;
import dev.latchkey.client.SaslOutcome;
import dev.latchkey.client.SignInRefusedException;
import dev.latchkey.client.StreamErrorException;
import dev.latchkey.client.StreamFeatures;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.CredentialKind;
import dev.latchkey.credential.Secret;
import dev.latchkey.credential.Waypoint;
import dev.latchkey.sasl.ClientMechanism;
import dev.latchkey.sasl.FailureReason;
import dev.latchkey.sasl.external.ExternalClient;
import dev.latchkey.sasl.scram.ScramClient;
import dev.latchkey.sasl.scram.ScramVariant;
import dev.latchkey.server.admin.AdminException;
import dev.latchkey.server.admin.JsonLine;
import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Accounts that are disabled, enabled and deleted while their devices talk, and while they sign
/// in: the sign-in is held at each named point until the operator has his answer.
class AccountStatesIT {
  private static final AccountJid OTTO = new AccountJid("otto", DOMAIN);
  private static final int MESSAGES = 200;
  private static final Executor BESIDE = Thread::startVirtualThread;

  @TempDir Path folder;

  private final HeldAt held = new HeldAt();
  private RunningServer server;

  @BeforeEach
  void start() throws Exception {
    server = RunningServer.in(folder, seams -> seams.with(held), whole -> whole);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private JsonNode account(String verb, AccountJid account) throws AdminException {
    return server
        .admin(new JsonLine().with("command", verb).with("account", account.toString()))
        .getFirst();
  }

  private static <T> CompletableFuture<T> beside(Supplier<T> work) {
    return CompletableFuture.supplyAsync(work, BESIDE);
  }

  private ClientStream signedIn(LoginUri pinned, String home) throws Exception {
    ClientStream stream = server.stream(pinned, Optional.of(server.identity(home)));
    assertThat(stream.authenticate(stream.open(), new ExternalClient(NINA), List.of(Peer.bind2())))
        .isInstanceOf(SaslOutcome.Succeeded.class);
    stream.send(Element.empty("presence", Namespaces.CLIENT));
    return stream;
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 4", rule = "removal revokes all devices at once")
  void deletingEndsSessionsThatTalkAndNothingComesBack() throws Exception {
    LoginUri uri = server.invite(NINA);
    server.enrol(uri, "phone");
    server.enrol(server.invite(NINA), "tablet");
    server.enrol(server.invite(OTTO), "otto");
    LatchkeyClient otto = server.connect("otto");
    otto.goOnline();
    otto.ping();
    ClientStream phone = signedIn(uri, "phone");
    ClientStream tablet = signedIn(uri, "tablet");
    server.enrol(server.invite(NINA), "talker");
    ClientStream talker = signedIn(uri, "talker");
    CompletableFuture<Integer> talking =
        beside(
            () -> {
              int said = 0;
              try {
                for (; said < MESSAGES; said++) {
                  talker.send(Peer.message(otto.jid().toString(), "talking"));
                }
              } catch (ClientException ended) {
                // as it must
              }
              return said;
            });
    assertThat(otto.receive(PATIENCE)).isPresent();

    JsonNode deleted = account("delete", NINA);

    assertThat(deleted.path("revoked")).hasSize(3);
    for (ClientStream stream : List.of(phone, tablet)) {
      Peer.Heard heard = Peer.untilEnd(stream);
      assertThat(heard.saysRevoked()).as("%s", heard).isTrue();
    }
    assertThat(talking.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isPositive();
    // What Nina had said before goes on; after the answer nothing of hers is handled.
    otto.ping();
    while (otto.receive(Duration.ZERO).isPresent()) {
      // said before the end
    }
    otto.ping();
    assertThat(otto.receive(Duration.ZERO)).isEmpty();
    assertThatThrownBy(() -> server.connect("phone"))
        .isInstanceOfSatisfying(
            SignInRefusedException.class,
            refused -> assertThat(refused.condition()).isEqualTo("not-authorized"));
    assertThatThrownBy(() -> server.devices(NINA)).isInstanceOf(AdminException.class);
    assertThat(otto.jid().account()).contains(OTTO);
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 4", rule = "a re-created account has a new id")
  void theNameComesBackWithNothingOfTheOldAccount() throws Exception {
    server.enrol(server.invite(NINA), "phone");
    LoginUri open = server.invite(NINA);
    String password = server.password(NINA);
    account("delete", NINA);

    LoginUri again = server.invite(NINA);
    assertThat(server.devices(NINA)).isEmpty();
    server.enrol(again, "new");
    assertThat(server.devices(NINA)).hasSize(1);
    assertThatThrownBy(() -> server.connect("phone")).isInstanceOf(SignInRefusedException.class);
    assertThatThrownBy(() -> server.enrol(open, "late"))
        .isInstanceOfSatisfying(
            SignInRefusedException.class,
            refused -> assertThat(refused.condition()).isEqualTo("not-authorized"));
    ClientStream stream = server.stream(again, Optional.empty());
    assertThat(
            stream.authenticate(
                stream.open(),
                Peer.scram(stream, ScramVariant.SCRAM_SHA_256_PLUS, NINA, Secret.ofText(password)),
                List.of()))
        .isInstanceOf(SaslOutcome.Failed.class);
    assertThat(
            server.admin(new JsonLine().with("command", "audit").with("account", NINA.toString())))
        .noneMatch(event -> event.path("event").asText().equals("revoked"));
    server.connect("new").close();
  }

  /// What an operator does while somebody signs in.
  enum Verb {
    DELETE("delete"),
    DISABLE("disable");

    final String word;

    Verb(String word) {
      this.word = word;
    }
  }

  static List<Arguments> pointsAndVerbs() {
    return Stream.of(Waypoint.PROVEN, Waypoint.REGISTERED, Waypoint.BEFORE_SUCCESS)
        .flatMap(point -> Stream.of(Verb.values()).map(verb -> Arguments.of(point, verb)))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("pointsAndVerbs")
  @Spec(doc = "latchkey", section = "rule 39", rule = "a login in flight dies too")
  void aSignInByCertificateThatIsOvertakenSignsNobodyIn(Waypoint point, Verb verb)
      throws Exception {
    LoginUri uri = server.invite(NINA);
    server.enrol(uri, "phone");
    ClientStream stream = server.stream(uri, Optional.of(server.identity("phone")));
    overtake(point, verb, stream, new ExternalClient(NINA));
  }

  @ParameterizedTest
  @MethodSource("pointsAndVerbs")
  @Spec(doc = "latchkey", section = "rule 39", rule = "a login in flight dies too")
  void aSignInByPasswordThatIsOvertakenSignsNobodyIn(Waypoint point, Verb verb) throws Exception {
    LoginUri uri = server.invite(NINA);
    Secret password = Secret.ofText(server.password(NINA));
    ClientStream stream = server.stream(uri, Optional.empty());
    overtake(
        point, verb, stream, Peer.scram(stream, ScramVariant.SCRAM_SHA_256_PLUS, NINA, password));
  }

  private void overtake(Waypoint point, Verb verb, ClientStream stream, ClientMechanism mechanism)
      throws Exception {
    StreamFeatures features = stream.open();
    int signedIn = server.log.signIns.size();
    held.hold(point);
    CompletableFuture<Boolean> succeeded =
        beside(
            () -> {
              try {
                return stream.authenticate(features, mechanism, List.of(Peer.bind2()))
                    instanceof SaslOutcome.Succeeded;
              } catch (StreamErrorException ended) {
                return false;
              }
            });
    held.awaitArrival();

    account(verb.word, NINA);
    held.release();

    assertThat(succeeded.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isFalse();
    assertThat(server.log.signIns).hasSize(signedIn);
    assertThat(sessions()).isZero();
    stream.send(Peer.message(NINA.toString(), "am I in?"));
    assertThat(Peer.untilEnd(stream).has("success")).isFalse();
  }

  private int sessions() throws AdminException {
    return server
        .admin(new JsonLine().with("command", "status"))
        .getFirst()
        .path("sessions")
        .asInt();
  }

  @ParameterizedTest
  @MethodSource("redemptionsAndVerbs")
  @Spec(doc = "latchkey", section = "rule 39", rule = "a login in flight dies too")
  void aRedemptionThatIsOvertakenSignsNobodyIn(Waypoint point, Verb verb) throws Exception {
    server.password(NINA); // so that the account is active already
    LoginUri uri = server.invite(NINA);
    ClientStream stream = server.stream(uri, Optional.empty());
    StreamFeatures features = stream.open();
    ScramClient code =
        Peer.scram(stream, ScramVariant.SCRAM_SHA_256_PLUS, NINA, uri.token().canonical());
    if (point == Waypoint.CODE_PROVEN) {
      held.hold(point);
    }
    CompletableFuture<Boolean> asked =
        beside(
            () -> {
              boolean continued =
                  stream.authenticate(features, code, List.of(Peer.enrol("csr"), Peer.bind2()))
                      instanceof SaslOutcome.Continued;
              if (point != Waypoint.CODE_PROVEN) {
                held.hold(point);
              }
              if (continued) {
                stream.send(
                    Peer.next(
                        Peer.sign(code, NINA, DeviceKey.make().request(NINA, Optional.empty()))));
              }
              return continued;
            });
    if (point != Waypoint.CODE_PROVEN) {
      assertThat(asked.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }
    held.awaitArrival();

    account(verb.word, NINA);
    held.release();

    assertThat(asked.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isNotNull();
    // A refused code leaves the stream for another try; whoever was in must be out.
    Optional<Element> heard = firstOf(stream);
    if (point == Waypoint.ANSWERED) {
      assertThat(Peer.untilEnd(stream).has("success")).isFalse();
    } else {
      assertThat(heard.filter(element -> element.name().equals("success"))).isEmpty();
    }
    Eventually.holds(() -> sessions() == 0);
  }

  private static Optional<Element> firstOf(ClientStream stream) {
    try {
      return stream.next(PATIENCE);
    } catch (ClientException ended) {
      return Optional.empty();
    }
  }

  static List<Arguments> redemptionsAndVerbs() {
    return Stream.of(
            Waypoint.CODE_PROVEN,
            Waypoint.BEFORE_REDEMPTION,
            Waypoint.REDEEMED,
            Waypoint.BEFORE_SUCCESS,
            Waypoint.ANSWERED)
        .flatMap(point -> Stream.of(Verb.values()).map(verb -> Arguments.of(point, verb)))
        .toList();
  }

  @ParameterizedTest
  @EnumSource(
      value = ScramVariant.class,
      names = {"SCRAM_SHA_256", "SCRAM_SHA_256_PLUS"})
  @Spec(doc = "latchkey", section = "6", rule = "unknown, disabled and wrong answer the same")
  void aDisabledAccountIsRefusedExactlyLikeAWrongPassword(ScramVariant variant) throws Exception {
    LoginUri uri = server.invite(NINA);
    Secret right = Secret.ofText(server.password(NINA));
    Element wrong = refusal(uri, variant, Secret.ofText("AAAAAAAAAAAAAAAAAAAAAAAAAA"));
    account("disable", NINA);
    assertThat(refusal(uri, variant, right)).isEqualTo(wrong);
    assertThat(server.log.refusals).containsExactly(FailureReason.NO_MATCH, FailureReason.NO_MATCH);

    account("enable", NINA);
    ClientStream stream = server.stream(uri, Optional.empty());
    assertThat(
            stream.authenticate(stream.open(), Peer.scram(stream, variant, NINA, right), List.of()))
        .isInstanceOf(SaslOutcome.Succeeded.class);
  }

  private Element refusal(LoginUri uri, ScramVariant variant, Secret password) throws Exception {
    ClientStream stream = server.stream(uri, Optional.empty());
    SaslOutcome outcome =
        stream.authenticate(stream.open(), Peer.scram(stream, variant, NINA, password), List.of());
    assertThat(outcome).isInstanceOf(SaslOutcome.Failed.class);
    return ((SaslOutcome.Failed) outcome).failure();
  }

  @Test
  void disablingEndsSessionsAndEnablingLetsTheSameDevicesIn() throws Exception {
    LoginUri uri = server.invite(NINA);
    server.enrol(uri, "phone");
    ClientStream phone = signedIn(uri, "phone");

    assertThat(account("disable", NINA).path("status").asText()).isEqualTo("disabled");

    Peer.Heard heard = Peer.untilEnd(phone);
    assertThat(heard.end())
        .isInstanceOfSatisfying(
            StreamErrorException.class,
            error -> {
              assertThat(error.condition()).isEqualTo("not-authorized");
              // It would make the device forget what still is good.
              assertThat(error.deviceRevoked()).isFalse();
            });
    ClientStream stream = server.stream(uri, Optional.of(server.identity("phone")));
    SaslOutcome refused = stream.authenticate(stream.open(), new ExternalClient(NINA), List.of());
    assertThat(refused)
        .isInstanceOfSatisfying(
            SaslOutcome.Failed.class,
            failed ->
                assertThat(failed.failure().children())
                    .singleElement()
                    .matches(child -> child.is("not-authorized", Namespaces.SASL)));
    assertThat(server.log.refusals).contains(FailureReason.ACCOUNT_NOT_ACTIVE);

    account("enable", NINA);
    server.connect("phone").close();
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 63",
      rule = "a device that has only a token is not locked out by what passes")
  void enablingLetsADeviceInThatHasOnlyAToken() throws Exception {
    var _ =
        new Enrolment(server.invite(NINA), server.home("bot"))
            .name("bot")
            .credential(CredentialKind.FAST)
            .in(server.environment())
            .run();
    server.connect("bot").close();
    account("disable", NINA);

    for (int attempt = 0; attempt < 2; attempt++) {
      assertThatThrownBy(() -> server.connect("bot"))
          .isInstanceOfSatisfying(
              StreamErrorException.class,
              error -> {
                assertThat(error.condition()).isEqualTo("not-authorized");
                assertThat(error).hasMessageContaining("may not sign in at present");
                assertThat(error.deviceRevoked()).isFalse();
              });
    }
    assertThat(server.log.refusals).containsOnly(FailureReason.ACCOUNT_NOT_ACTIVE);

    account("enable", NINA);
    server.connect("bot").close();
  }
}
