// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.credential;

import java.util.Locale;
import java.util.Optional;
import java.util.random.RandomGenerator;

/// A machine-made secret in its two text forms (rule 19): 26 symbols of Crockford's base 32 (130
/// bit) and a check symbol.
///
/// The canonical form is what SCRAM, URIs and JSON take; the printed form, with hyphens between
/// groups of five, is for the eye. The server keeps a verifier for both, because a stock client
/// sends what the person typed.
public final class MachineSecret {
  private static final int RANDOM_SYMBOLS = 26;
  private static final int GROUP = 5;

  private final String canonical;

  private MachineSecret(String canonical) {
    this.canonical = canonical;
  }

  /// Draws a new one.
  public static MachineSecret draw(RandomGenerator random) {
    String symbols = Crockford.text(RANDOM_SYMBOLS, random);
    return new MachineSecret(symbols + check(symbols));
  }

  /// Reads what a person typed: hyphens and spaces dropped, folded to lower case, o for 0, i and l
  /// for 1.
  ///
  /// @return nothing if it has another length, another symbol, or the check symbol is wrong
  public static Optional<MachineSecret> read(String typed) {
    String folded =
        typed
            .replaceAll("[\\s-]", "")
            .toLowerCase(Locale.ROOT)
            .replace('o', '0')
            .replace('i', '1')
            .replace('l', '1');
    if (folded.length() != RANDOM_SYMBOLS + 1
        || !folded.chars().allMatch(c -> Crockford.ALPHABET.indexOf(c) >= 0)) {
      return Optional.empty();
    }
    String symbols = folded.substring(0, RANDOM_SYMBOLS);
    return folded.equals(symbols + check(symbols))
        ? Optional.of(new MachineSecret(folded))
        : Optional.empty();
  }

  /// The symbol of the first five bits of SHA-256 over the symbols before it.
  private static char check(String symbols) {
    int first = Bytes.utf8(symbols).sha256().toArray()[0] & 0xff;
    return Crockford.ALPHABET.charAt(first >> 3);
  }

  /// The form that SCRAM, URIs and JSON take.
  public Secret canonical() {
    return Secret.ofText(canonical);
  }

  /// The form for the eye: groups of five, a hyphen between them.
  public Secret printed() {
    StringBuilder printed = new StringBuilder(canonical);
    for (int i = GROUP * (canonical.length() / GROUP); i > 0; i -= GROUP) {
      printed.insert(i, '-');
    }
    return Secret.ofText(printed.toString());
  }

  @Override
  public String toString() {
    return "[secret]";
  }
}
