// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.testkit.SeededRandom;
import dev.latchkey.testkit.Spec;
import java.net.IDN;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import rocks.xmpp.precis.PrecisProfiles;

/// That the short cut for plain names says what the profiles say.
final class JidPreparationTest {
  private static final int NAMES = 3_000;

  private final RandomGenerator random = SeededRandom.announced();

  @Test
  @Spec(doc = "RFC 7622", section = "3.3", rule = "preparation")
  void preparesLocalpartsOfPlainAsciiAsTheProfileDoes() {
    for (int i = 0; i < NAMES; i++) {
      String name = drawn("abcdefghijklmnopqrstuvwxyz0123456789-_.");

      assertThat(JidPreparation.localpart(name))
          .isEqualTo(PrecisProfiles.USERNAME_CASE_MAPPED.enforce(name))
          .isEqualTo(name);
    }
  }

  @Test
  @Spec(doc = "RFC 7622", section = "3.4", rule = "preparation")
  void preparesResourcepartsOfPlainAsciiAsTheProfileDoes() {
    StringBuilder printable = new StringBuilder();
    for (char c = '!'; c <= '~'; c++) {
      printable.append(c);
    }
    for (int i = 0; i < NAMES; i++) {
      String name = drawn(printable.toString());

      assertThat(JidPreparation.resourcepart(name))
          .isEqualTo(PrecisProfiles.OPAQUE_STRING.enforce(name))
          .isEqualTo(name);
    }
  }

  @Test
  @Spec(doc = "RFC 7622", section = "3.2", rule = "preparation")
  void preparesDomainpartsOfPlainLabelsAsIdnaDoes() {
    for (int i = 0; i < NAMES; i++) {
      String name = drawn("abcxyz019") + "." + drawn("abcxyz019") + "." + drawn("abcxyz019");

      assertThat(JidPreparation.domainpart(name))
          .isEqualTo(IDN.toUnicode(IDN.toASCII(name, IDN.USE_STD3_ASCII_RULES)))
          .isEqualTo(name);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a\"b", "a b", "a@b", "a/b", "\u0000"})
  void takesNoShortCutForWhatALocalpartMayNotHold(String name) {
    assertThatThrownBy(() -> JidPreparation.localpart(name))
        .isInstanceOf(InvalidJidException.class);
  }

  @Test
  void takesNoShortCutForWhatMustBeMapped() {
    assertThat(JidPreparation.localpart("Nina")).isEqualTo("nina");
    assertThat(JidPreparation.domainpart("Example.ORG.")).isEqualTo("example.org");
    assertThat(JidPreparation.domainpart("xn--bcher-kva.example")).isEqualTo("bücher.example");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "a..b", ".a", "-a.example", "a-.example"})
  void takesNoShortCutForWhatIsNoDomain(String name) {
    assertThatThrownBy(() -> JidPreparation.domainpart(name))
        .isInstanceOf(InvalidJidException.class);
  }

  static Stream<Arguments> parts() {
    return Stream.of(
        part("localpart", JidPreparation::localpart),
        part("domainpart", JidPreparation::domainpart),
        part("resourcepart", JidPreparation::resourcepart));
  }

  private static Arguments part(String name, UnaryOperator<String> preparation) {
    return Arguments.of(Named.of(name, preparation));
  }

  /// What is kept is read back: an address that is not prepared to itself would be somebody else's
  /// (rule 4), or nobody's. What Unicode does not assign, nothing maps.
  @ParameterizedTest
  @MethodSource("parts")
  @Spec(doc = "RFC 8264", section = "7", rule = "what is prepared is stable under preparation")
  void leavesEachCharacterThatItHasPrepared(UnaryOperator<String> preparation) {
    List<String> unstable =
        IntStream.rangeClosed(0, Character.MAX_CODE_POINT)
            .parallel()
            .filter(c -> Character.isDefined(c) && Character.getType(c) != Character.PRIVATE_USE)
            .filter(c -> !isStable(preparation, "a" + Character.toString(c)))
            .mapToObj(Integer::toHexString)
            .toList();
    assertThat(unstable).isEmpty();
  }

  private static boolean isStable(UnaryOperator<String> preparation, String text) {
    Optional<String> once = prepared(preparation, text);
    return once.isEmpty()
        || once.get().equals(text)
        || once.equals(prepared(preparation, once.get()));
  }

  private static Optional<String> prepared(UnaryOperator<String> preparation, String text) {
    try {
      return Optional.of(preparation.apply(text));
    } catch (InvalidJidException refused) {
      return Optional.empty();
    }
  }

  @Test
  @Spec(doc = "RFC 7622", section = "3.2", rule = "an address in brackets is an IPv6 address")
  void takesNothingButAnAddressInBrackets() {
    assertThat(JidPreparation.domainpart("[2001:DB8::1]")).isEqualTo("[2001:db8::1]");
    for (String none : List.of("[]", "[a@b]", "[::1%1]", "[1.2.3.4]", "[\u0130]", "[::1]:5222")) {
      assertThat(prepared(JidPreparation::domainpart, none)).as(none).isEmpty();
    }
  }

  @Test
  void refusesPlainPartsThatAreTooLong() {
    String tooLong = "a".repeat(1024);
    assertThatThrownBy(() -> JidPreparation.localpart(tooLong))
        .isInstanceOf(InvalidJidException.class);
    assertThatThrownBy(() -> JidPreparation.resourcepart(tooLong))
        .isInstanceOf(InvalidJidException.class);
    assertThatThrownBy(() -> JidPreparation.domainpart("a".repeat(64) + ".example"))
        .isInstanceOf(InvalidJidException.class);
  }

  private String drawn(String alphabet) {
    StringBuilder name = new StringBuilder();
    int length = random.nextInt(1, 20);
    for (int i = 0; i < length; i++) {
      name.append(alphabet.charAt(random.nextInt(alphabet.length())));
    }
    return name.toString();
  }
}
