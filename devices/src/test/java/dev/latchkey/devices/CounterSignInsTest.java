// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import static dev.latchkey.devices.House.NINA;
import static dev.latchkey.devices.House.accepted;
import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.EventKind;
import dev.latchkey.credential.Suspicion;
import dev.latchkey.credential.Verifier;
import dev.latchkey.testkit.Spec;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class CounterSignInsTest {
  private final House house = new House();
  private final Acting phone = house.passwordDevice(NINA);
  private final CredentialId key = Keys.register(house, phone, "k1").credential();

  private SignInOutcome use(long value) {
    return house.signIns.accept(house.counted(phone, key, value));
  }

  private long version() {
    return house.account(NINA).account().version();
  }

  private long counter() {
    return ((Verifier.ClientKey) house.credential(NINA, key).verifier()).counter();
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 56",
      rule = "A value of a counter that has signed in signs in no more: a clone")
  void suspectsAValueThatHasSignedIn() {
    accepted(use(0));
    accepted(use(1));
    long version = version();
    assertThat(use(0))
        .isInstanceOfSatisfying(
            SignInOutcome.Suspected.class,
            it -> {
              assertThat(it.suspicion()).isEqualTo(Suspicion.COUNTER_REUSED);
              assertThat(it.device().id()).isEqualTo(phone.device());
              assertThat(it.credential().id()).isEqualTo(key);
            });
    assertThat(version()).isEqualTo(version);
    accepted(use(2));
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 56",
      rule = "A value that was skipped comes late: refused, and nothing changes")
  void refusesAValueThatWasSkipped() {
    accepted(use(0));
    accepted(use(5));
    long version = version();
    assertThat(use(3)).isInstanceOf(SignInOutcome.Refused.class);
    assertThat(version()).isEqualTo(version);
  }

  @Test
  void acceptsSixtyFourValuesAhead() {
    accepted(use(63));
    assertThat(counter()).isEqualTo(64);
    assertThat(use(64 + 64)).isInstanceOf(SignInOutcome.Refused.class);
    assertThat(counter()).isEqualTo(64);
    accepted(use(64 + 63));
  }

  @Test
  void refusesAKeyWithoutAValue() {
    assertThat(house.signIns.accept(house.proven(phone, key)))
        .isInstanceOf(SignInOutcome.Refused.class);
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 56",
      rule = "Of two logins that race with one value the commit decides; the loser is judged again")
  void judgesALostRaceAgain() {
    SignIn owner = house.counted(phone, key, 4);
    SignIn clone = house.counted(phone, key, 4);
    SignIn slow = house.counted(phone, key, 3);
    accepted(house.signIns.accept(owner));
    assertThat(house.signIns.accept(clone)).isInstanceOf(SignInOutcome.Suspected.class);
    assertThat(house.signIns.accept(slow)).isInstanceOf(SignInOutcome.Refused.class);
    assertThat(counter()).isEqualTo(5);
  }

  @Test
  void tellsOfTheFirstUseOnce() {
    assertThat(accepted(use(0)).firstUse()).isTrue();
    assertThat(accepted(use(1)).firstUse()).isFalse();
    assertThat(house.history(NINA)).containsOnlyOnce(EventKind.FIRST_USED);
  }

  @Test
  void letsOneOfFiftyWinOnOneValue() throws Exception {
    SignIn proven = house.counted(phone, key, 0);
    List<SignInOutcome> ends = Racing.all(50, _ -> house.signIns.accept(proven));
    assertThat(ends).filteredOn(SignInOutcome.Accepted.class::isInstance).hasSize(1);
    assertThat(ends).filteredOn(SignInOutcome.Suspected.class::isInstance).hasSize(49);
    assertThat(counter()).isEqualTo(1);
  }

  @Test
  void neverSpendsOneValueTwiceWhateverTheOrder() throws Exception {
    List<SignIn> proven =
        IntStream.range(0, 50).mapToObj(i -> house.counted(phone, key, i % 10)).toList();
    List<SignInOutcome> ends = Racing.all(50, i -> house.signIns.accept(proven.get(i)));
    long won = ends.stream().filter(SignInOutcome.Accepted.class::isInstance).count();
    assertThat(won).isBetween(1L, 10L);
    assertThat(house.account(NINA).account().version())
        .isEqualTo(proven.getFirst().read().account().version() + won);
  }
}
