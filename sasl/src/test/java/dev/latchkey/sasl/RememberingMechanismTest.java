// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.Domain;
import dev.latchkey.credential.SampleAccount;
import dev.latchkey.testkit.Spec;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class RememberingMechanismTest {
  private static final MechanismName NAME = new MechanismName("X-TEST");
  private static final Bytes RIGHT = Bytes.utf8("right");
  private static final Bytes WRONG = Bytes.utf8("wrong");
  private static final SignInRequest REQUEST =
      new SignInRequest(
          new ConnectionFacts(Map.of(), Optional.empty()),
          new Domain("chat.example"),
          Optional.empty(),
          List.of(NAME));

  private final Known remembered = new Known();
  private final Known read = new Known();
  private final SaslMechanism mechanism = new RememberingMechanism(remembered, read);

  @Test
  void letsInByWhatIsRememberedAndReadsNothing() {
    remembered.knows = true;
    read.knows = true;
    assertThat(say(RIGHT)).isInstanceOf(SaslStep.Success.class);
    assertThat(remembered.tries).isEqualTo(1);
    assertThat(read.tries).isZero();
  }

  @Test
  void letsInByWhatIsReadWhereNothingIsRemembered() {
    read.knows = true;
    assertThat(say(RIGHT)).isInstanceOf(SaslStep.Success.class);
    assertThat(read.tries).isEqualTo(1);
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "design: what must always hold, 5",
      rule = "the same answer and the same work for unknown and wrong")
  void refusesAtTheSameCostWhateverIsRemembered() {
    for (boolean known : List.of(true, false)) {
      for (boolean rememberedToo : List.of(true, false)) {
        read.knows = known;
        remembered.knows = known && rememberedToo;
        remembered.tries = 0;
        read.tries = 0;
        assertThat(say(WRONG)).isEqualTo(Known.REFUSED);
        assertThat(remembered.tries).isEqualTo(1);
        assertThat(read.tries).isEqualTo(1);
      }
    }
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rules: 41",
      rule = "who is refused is told what holds now, not what was remembered")
  void refusesByWhatIsReadOnly() {
    read.refusal =
        new SaslStep.Failure(SaslCondition.CREDENTIALS_EXPIRED, FailureReason.CREDENTIAL_EXPIRED);
    assertThat(say(WRONG)).isEqualTo(read.refusal);
  }

  @Test
  @Spec(doc = "RFC 4422", section = "3", rule = "a client that says nothing first is asked, once")
  void asksAClientThatSaysNothingFirst() {
    read.knows = true;
    SaslExchange exchange = mechanism.begin(REQUEST);
    assertThat(exchange.next(Optional.empty())).isInstanceOf(SaslStep.Challenge.class);
    assertThat(exchange.next(Optional.of(RIGHT))).isInstanceOf(SaslStep.Success.class);
    SaslExchange silent = mechanism.begin(REQUEST);
    assertThat(silent.next(Optional.empty())).isInstanceOf(SaslStep.Challenge.class);
    assertThat(silent.next(Optional.empty())).isInstanceOf(SaslStep.Failure.class);
  }

  @Test
  void isOfOneMechanism() {
    SaslMechanism other =
        new SaslMechanism() {
          @Override
          public MechanismName name() {
            return new MechanismName("X-OTHER");
          }

          @Override
          public boolean usableOn(ConnectionKind connection) {
            return true;
          }

          @Override
          public SaslExchange begin(SignInRequest request) {
            throw new UnsupportedOperationException();
          }
        };
    assertThatThrownBy(() -> new RememberingMechanism(remembered, other))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(mechanism.name()).isEqualTo(NAME);
    assertThat(mechanism.usableOn(REQUEST.facts().kind())).isTrue();
  }

  private SaslStep say(Bytes message) {
    return mechanism.begin(REQUEST).next(Optional.of(message));
  }

  /// Lets in who is right, if it knows anybody, and counts.
  private static final class Known implements SaslMechanism {
    static final SaslStep.Failure REFUSED =
        new SaslStep.Failure(SaslCondition.NOT_AUTHORIZED, FailureReason.NO_MATCH);

    boolean knows;
    SaslStep.Failure refusal = REFUSED;
    int tries;

    @Override
    public MechanismName name() {
      return NAME;
    }

    @Override
    public boolean usableOn(ConnectionKind connection) {
      return true;
    }

    @Override
    public SaslExchange begin(SignInRequest request) {
      return new OneMessageExchange() {
        @Override
        protected SaslStep decide(Bytes message) {
          tries++;
          return knows && message.equals(RIGHT) ? success() : refusal;
        }
      };
    }

    private static SaslStep success() {
      SampleAccount nina = new SampleAccount("nina@chat.example");
      return new SaslStep.Success(
          new Proof(
              nina.snapshot(),
              new CredentialId("c"),
              Optional.empty(),
              Optional.empty(),
              false,
              OptionalLong.empty()),
          Optional.empty());
    }
  }
}
