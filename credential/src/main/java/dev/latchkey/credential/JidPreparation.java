// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.credential;

import java.net.IDN;
import java.net.Inet6Address;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.function.IntPredicate;
import java.util.function.UnaryOperator;
import rocks.xmpp.precis.PrecisProfiles;

/// The preparation of the three parts (RFC 7622 §3.2 to §3.4), each 1 to 1023 octets of UTF-8.
final class JidPreparation {
  private static final int LONGEST_PART = 1023;

  /// RFC 7622 §3.3.1: what the UsernameCaseMapped profile lets pass but a localpart may not hold.
  private static final String NOT_IN_LOCALPART = "\"&'/:<>@";

  /// RFC 1035 §2.3.4.
  private static final int LONGEST_LABEL = 63;

  /// RFC 8264 §7: a profile is applied once and three times again at most.
  private static final int MOST_ROUNDS = 4;

  private JidPreparation() {}

  private static final boolean[] PLAIN_LOCALPART =
      plain(c -> isLowerCaseOrDigit(c) || c == '-' || c == '_' || c == '.');
  private static final boolean[] PLAIN_RESOURCEPART = plain(c -> c > ' ' && c <= '~');
  private static final boolean[] PLAIN_DOMAINPART = plain(c -> isLowerCaseOrDigit(c) || c == '.');
  private static final boolean[] PLAIN_ADDRESS =
      plain(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || c == ':' || c == '.');

  // Each part first asks for the plain ASCII that its profile leaves as it is: nearly all names are
  // that, the profiles cost a hundred times as much, and every row that is read prepares some.

  static String localpart(String text) {
    if (isPlain(text, PLAIN_LOCALPART)) {
      return text;
    }
    String prepared = settled("localpart", text, PrecisProfiles.USERNAME_CASE_MAPPED::enforce);
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
        "resourcepart", settled("resourcepart", text, PrecisProfiles.OPAQUE_STRING::enforce));
  }

  static String domainpart(String text) {
    if (isPlain(text, PLAIN_DOMAINPART) && hasPlainLabels(text)) {
      return text;
    }
    return bounded("domainpart", settled("domainpart", text, JidPreparation::domain));
  }

  private static String domain(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    String withoutDot = withoutFinalDot(lower);
    if (isLiteral(withoutDot)) {
      return withoutDot;
    }
    // In lower case before IDNA, which leaves the case of ASCII as it is: what it has mapped may
    // have a lower case that it does not allow. It takes three other characters for a dot, so the
    // final one is known when they are mapped.
    return IDN.toUnicode(withoutFinalDot(IDN.toASCII(lower, IDN.USE_STD3_ASCII_RULES)));
  }

  /// Whether it is an IPv6 address in brackets. IDNA allows no brackets at all.
  private static boolean isLiteral(String name) {
    if (!name.startsWith("[") || !name.endsWith("]")) {
      return false;
    }
    String address = name.substring(1, name.length() - 1);
    if (!isPlain(address, PLAIN_ADDRESS)) {
      return false;
    }
    var _ = Inet6Address.ofLiteral(address); // refuses what is none
    return true;
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

  /// Applies a profile until nothing changes any more (RFC 8264 §7).
  ///
  /// SECURITY: what is kept is read back and compared with what is prepared anew. A part that is
  /// not prepared to itself would be another address then (rule 4), or none.
  private static String settled(String part, String text, UnaryOperator<String> profile) {
    String before = text;
    for (int i = 0; i < MOST_ROUNDS; i++) {
      String prepared = enforce(part, before, profile);
      if (prepared.equals(before)) {
        return prepared;
      }
      before = prepared;
    }
    throw notAllowed(part);
  }

  private static String enforce(String part, String text, UnaryOperator<String> profile) {
    try {
      return profile.apply(text);
    } catch (IllegalArgumentException refused) {
      throw notAllowed(part);
    }
  }

  private static InvalidJidException notAllowed(String part) {
    return new InvalidJidException("the " + part + " holds what its profile does not allow");
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
