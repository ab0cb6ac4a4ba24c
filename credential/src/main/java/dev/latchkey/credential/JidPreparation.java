// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.credential;

import java.net.IDN;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.function.IntPredicate;
import rocks.xmpp.precis.PrecisProfiles;

/// The preparation of the three parts (RFC 7622 §3.2 to §3.4), each 1 to 1023 octets of UTF-8.
final class JidPreparation {
  private static final int LONGEST_PART = 1023;

  /// RFC 7622 §3.3.1: what the UsernameCaseMapped profile lets pass but a localpart may not hold.
  private static final String NOT_IN_LOCALPART = "\"&'/:<>@";

  /// RFC 1035 §2.3.4.
  private static final int LONGEST_LABEL = 63;

  private JidPreparation() {}

  private static final boolean[] PLAIN_LOCALPART =
      plain(c -> isLowerCaseOrDigit(c) || c == '-' || c == '_' || c == '.');
  private static final boolean[] PLAIN_RESOURCEPART = plain(c -> c > ' ' && c <= '~');
  private static final boolean[] PLAIN_DOMAINPART = plain(c -> isLowerCaseOrDigit(c) || c == '.');

  // Each part first asks for the plain ASCII that its profile leaves as it is: nearly all names are
  // that, the profiles cost a hundred times as much, and every row that is read prepares some.

  static String localpart(String text) {
    if (isPlain(text, PLAIN_LOCALPART)) {
      return text;
    }
    String prepared = enforce("localpart", () -> PrecisProfiles.USERNAME_CASE_MAPPED.enforce(text));
    if (prepared.chars().anyMatch(c -> NOT_IN_LOCALPART.indexOf(c) >= 0)) {
      throw new InvalidJidException("a localpart holds none of " + NOT_IN_LOCALPART);
    }
    return bounded("localpart", prepared);
  }

  static String resourcepart(String text) {
    if (isPlain(text, PLAIN_RESOURCEPART)) {
      return text;
    }
    return bounded(
        "resourcepart", enforce("resourcepart", () -> PrecisProfiles.OPAQUE_STRING.enforce(text)));
  }

  static String domainpart(String text) {
    if (isPlain(text, PLAIN_DOMAINPART) && hasPlainLabels(text)) {
      return text;
    }
    String withoutDot = withoutFinalDot(text);
    if (withoutDot.startsWith("[") && withoutDot.endsWith("]") && withoutDot.length() > 2) {
      return bounded("domainpart", withoutDot.toLowerCase(Locale.ROOT));
    }
    // Mapped first, since IDNA takes three other characters for a dot.
    String unicode =
        enforce(
            "domainpart",
            () ->
                IDN.toUnicode(withoutFinalDot(IDN.toASCII(text, IDN.USE_STD3_ASCII_RULES)))
                    .toLowerCase(Locale.ROOT));
    return bounded("domainpart", unicode);
  }

  /// For each character of ASCII, whether it is allowed.
  private static boolean[] plain(IntPredicate allowed) {
    boolean[] table = new boolean[0x80];
    for (int c = 0; c < table.length; c++) {
      table[c] = allowed.test(c);
    }
    return table;
  }

  private static boolean isPlain(String text, boolean[] allowed) {
    if (text.isEmpty() || text.length() > LONGEST_PART) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c >= allowed.length || !allowed[c]) {
        return false;
      }
    }
    return true;
  }

  private static boolean isLowerCaseOrDigit(int c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  }

  /// A label with a hyphen may be an A-label, so those are not plain.
  private static boolean hasPlainLabels(String name) {
    for (int begin = 0; begin <= name.length(); ) {
      int dot = name.indexOf('.', begin);
      int end = dot < 0 ? name.length() : dot;
      if (end == begin || end - begin > LONGEST_LABEL) {
        return false;
      }
      begin = end + 1;
    }
    return true;
  }

  /// RFC 7622 §3.2: a final dot is stripped before any other canonicalisation.
  private static String withoutFinalDot(String name) {
    return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
  }

  private static String enforce(String part, java.util.function.Supplier<String> profile) {
    try {
      return profile.get();
    } catch (IllegalArgumentException refused) {
      throw new InvalidJidException("the " + part + " holds what its profile does not allow");
    }
  }

  private static String bounded(String part, String prepared) {
    int octets = prepared.getBytes(StandardCharsets.UTF_8).length;
    if (octets == 0 || octets > LONGEST_PART) {
      throw new InvalidJidException(
          "a %s has 1 to %d octets, this one %d".formatted(part, LONGEST_PART, octets));
    }
    return prepared;
  }
}
