// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.wire.tls;

import dev.latchkey.credential.Domain;
import java.net.IDN;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.net.ssl.SNIHostName;
import org.jspecify.annotations.Nullable;

/// The domain that a client means, and whether a certificate names it (RFC 6125 §6, RFC 6120
/// §13.7.1.2). Only the subject's alternative names count, the common name never.
final class ServerName {
  private static final String XMPP_ADDRESS = "1.3.6.1.5.5.7.8.5";
  private static final String SERVICE_NAME = "1.3.6.1.5.5.7.8.7";
  private static final Pattern IPV4 = Pattern.compile("[0-9]+(\\.[0-9]+){3}");

  private final Domain domain;
  private final String ascii;

  ServerName(Domain domain) {
    this.domain = domain;
    this.ascii =
        isAddress(domain.name())
            ? domain.name()
            : IDN.toASCII(domain.name(), IDN.ALLOW_UNASSIGNED).toLowerCase(Locale.ROOT);
  }

  /// Its A-labels.
  String ascii() {
    return ascii;
  }

  /// What to ask for; an address cannot be asked for (RFC 6066 §3).
  Optional<SNIHostName> sni() {
    return isAddress(ascii) ? Optional.empty() : Optional.of(new SNIHostName(ascii));
  }

  void check(X509Certificate certificate) throws CertificateException {
    Collection<List<?>> names = certificate.getSubjectAlternativeNames();
    if (names != null) {
      for (List<?> name : names) {
        if (names(name)) {
          return;
        }
      }
    }
    throw new CertificateException("it does not name " + ascii);
  }

  private boolean names(List<?> name) {
    return switch ((Integer) name.get(0)) {
      case 0 ->
          name.size() >= 4
              && name.get(2) instanceof String type
              && name.get(3) instanceof String value
              && otherName(type, value);
      case 2 -> !isAddress(ascii) && dnsName((String) name.get(1));
      case 7 -> isAddress(ascii) && address((String) name.get(1));
      default -> false;
    };
  }

  private boolean otherName(String type, @Nullable String value) {
    return value != null
        && switch (type) {
          case XMPP_ADDRESS -> value.toLowerCase(Locale.ROOT).equals(domain.name());
          case SERVICE_NAME -> value.toLowerCase(Locale.ROOT).equals("_xmpp-client." + ascii);
          default -> false;
        };
  }

  private boolean dnsName(String pattern) {
    String lower = pattern.toLowerCase(Locale.ROOT);
    if (lower.equals(ascii)) {
      return true;
    }
    // RFC 6125 §6.4.3: only the whole left-most label may be a star, and it stands for one label.
    int dot = ascii.indexOf('.');
    return lower.startsWith("*.")
        && lower.indexOf('.', 2) > 0
        && dot > 0
        && lower.substring(1).equals(ascii.substring(dot));
  }

  private boolean address(String value) {
    return value.equals(ascii.startsWith("[") ? ascii.substring(1, ascii.length() - 1) : ascii);
  }

  private static boolean isAddress(String name) {
    return name.startsWith("[") || IPV4.matcher(name).matches();
  }
}
