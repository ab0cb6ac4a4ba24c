// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.testkit.ManualClock;
import dev.latchkey.testkit.SeededRandom;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AttemptsTest {
  private final ClientException lost = new ConnectionLostException("lost");

  /// How long things take.
  private final ManualClock clock = new ManualClock();

  /// What day it is said to be.
  private final ManualClock calendar = new ManualClock();

  /// By how much that is set while the kit pauses.
  private Duration step = Duration.ZERO;

  private final List<Duration> pauses = new ArrayList<>();
  private final List<ConnectionEvent> events = new ArrayList<>();

  private ClientEnvironment environment() {
    return new ClientEnvironment(
        name -> List.of(),
        new SeededRandom(3),
        calendar,
        clock::elapsed,
        wait -> {
          pauses.add(wait);
          clock.advance(wait);
          calendar.advance(step);
        },
        Duration.ofSeconds(1),
        Optional.empty());
  }

  private Attempts attempts(Staying staying) {
    return attempts(staying, () -> Duration.ZERO);
  }

  private Attempts attempts(Staying staying, Supplier<Duration> rest) {
    return new Attempts(staying.telling(events::add), environment(), rest);
  }

  private static StreamErrorException streamError(String condition, Optional<Element> application) {
    return StreamErrorException.of(
        Element.named("error", Namespaces.STREAMS)
            .child(condition, Namespaces.STREAM_ERRORS)
            .child(application)
            .build());
  }

  private static SignInRefusedException refusal(String condition) {
    return SignInRefusedException.of(
        Element.named("failure", Namespaces.SASL2).child(condition, Namespaces.SASL).build(),
        FakeServer.NINA,
        Map.of());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "conflict",
        "host-gone",
        "host-unknown",
        "improper-addressing",
        "invalid-xml",
        "not-authorized",
        "not-well-formed",
        "policy-violation",
        "see-other-host",
        "undefined-condition",
        "unsupported-version"
      })
  void streamErrorsThatComingBackDoesNotMend(String condition) {
    assertThat(Attempts.canHelpAfter(streamError(condition, Optional.empty()))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "connection-timeout",
        "internal-server-error",
        "remote-connection-failed",
        "reset",
        "resource-constraint",
        "system-shutdown"
      })
  void streamErrorsThatPass(String condition) {
    assertThat(Attempts.canHelpAfter(streamError(condition, Optional.empty()))).isTrue();
  }

  @Test
  void revokedDeviceStaysAway() {
    Optional<Element> revoked =
        Optional.of(Element.empty("credential-revoked", Namespaces.LATCHKEY_EVENTS));
    assertThat(Attempts.canHelpAfter(streamError("not-authorized", revoked))).isFalse();
  }

  @Test
  void miscountEndsTheSessionNotTheClient() {
    Element tooHigh =
        ManagementElements.impossible(
            dev.latchkey.wire.management.StanzaCount.parse("7"),
            dev.latchkey.wire.management.StanzaCount.ZERO);
    assertThat(Attempts.canHelpAfter(StreamErrorException.of(tooHigh))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "account-disabled",
        "credentials-expired",
        "encryption-required",
        "invalid-authzid",
        "invalid-mechanism",
        "mechanism-too-weak",
        "not-authorized"
      })
  void refusalsAreFinal(String condition) {
    assertThat(Attempts.canHelpAfter(refusal(condition))).isFalse();
  }

  @Test
  void temporaryRefusalIsNot() {
    assertThat(Attempts.canHelpAfter(refusal("temporary-auth-failure"))).isTrue();
  }

  @Test
  void serverThatIsNotTrustedIsNotTriedAgain() {
    assertThat(Attempts.canHelpAfter(new ServerNotTrustedException("another certificate")))
        .isFalse();
    assertThat(Attempts.canHelpAfter(new ClientException("it offers no certificates"))).isFalse();
    assertThat(Attempts.canHelpAfter(new ConnectionLostException("gone"))).isTrue();
  }

  @Test
  void endsWithTheFirstFailureThatIsFinal() {
    List<ClientException> failures =
        new ArrayList<>(
            List.of(
                new ConnectionLostException("one"),
                new ConnectionLostException("two"),
                refusal("not-authorized")));
    assertThatThrownBy(
            () ->
                attempts(Staying.forever())
                    .first(
                        () -> {
                          throw failures.removeFirst();
                        }))
        .isInstanceOf(SignInRefusedException.class);
    assertThat(pauses).hasSize(2);
    assertThat(events)
        .hasExactlyElementsOfTypes(
            ConnectionEvent.Lost.class,
            ConnectionEvent.TryingAgain.class,
            ConnectionEvent.Lost.class,
            ConnectionEvent.TryingAgain.class);
  }

  @ParameterizedTest
  @ValueSource(longs = {-400, 0, 400})
  void givesUpWithinItsBoundWhateverTheClockIsSetTo(long days) {
    step = Duration.ofDays(days);
    int[] tried = new int[1];
    assertThatThrownBy(
            () ->
                attempts(Staying.forever().within(Duration.ofSeconds(30)))
                    .first(
                        () -> {
                          tried[0]++;
                          throw new ConnectionLostException("no server was reached");
                        }))
        .isInstanceOf(ConnectionLostException.class)
        .hasMessageContainingAll("given up after 30 seconds", "no server was reached");
    assertThat(tried[0]).isGreaterThan(3);
    assertThat(pauses.stream().reduce(Duration.ZERO, Duration::plus))
        .isLessThanOrEqualTo(Duration.ofSeconds(30));
  }

  @Test
  void restsAsLongAsItIsToldToButNotBeforeTheFirstAttempt() throws Exception {
    Duration hour = Duration.ofHours(1);
    assertThat(attempts(Staying.forever(), () -> hour).<String>first(() -> "first"))
        .isEqualTo("first");
    assertThat(pauses).isEmpty();
    attempts(Staying.forever(), () -> hour).<String>after(lost, () -> "second");
    assertThat(pauses)
        .singleElement()
        .satisfies(wait -> assertThat(wait).isBetween(hour.dividedBy(2), hour));
    assertThatThrownBy(
            () ->
                attempts(Staying.forever().within(Duration.ofMinutes(1)), () -> hour)
                    .<String>after(lost, () -> "third"))
        .hasMessageContaining("given up after 60 seconds");
  }

  @Test
  void connectionThatWorkedIsReplacedAtOnceOneThatDidNotIsNot() throws Exception {
    Attempts attempts = attempts(Staying.forever());
    assertThat(attempts.<String>first(() -> "first")).isEqualTo("first");
    assertThat(pauses).isEmpty();
    attempts.lostAfter(Attempts.WORKED.minusMillis(1));
    assertThat(attempts.<String>after(lost, () -> "second")).isEqualTo("second");
    assertThat(pauses).hasSize(1);
    attempts.lostAfter(Attempts.WORKED);
    assertThat(attempts.<String>after(lost, () -> "third")).isEqualTo("third");
    assertThat(pauses).hasSize(1);
  }
}
