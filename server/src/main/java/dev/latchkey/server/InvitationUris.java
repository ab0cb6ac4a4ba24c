// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.server;

import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Domain;
import dev.latchkey.credential.Secret;
import dev.latchkey.devices.IssuedCode;
import dev.latchkey.server.admin.ServerPlace;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/// Writes what a client scans:
/// `xmpp:LOCAL@DOMAIN?login;token=T[;resource=R][;pin=sha-256:HEX][;host=H;port=P;tls=direct]` (RFC
/// 5122, rule 22). Thread-safe.
final class InvitationUris {
  private final Function<Domain, Optional<Bytes>> pins;
  private final Function<Domain, Optional<Hint>> hints;

  /// Where a client finds the server, if DNS does not say it.
  ///
  /// @param address a host and a port
  /// @param directTls whether TLS begins at once
  record Hint(ListenAddress address, boolean directTls) {}

  /// Writes for the given server.
  ///
  /// @param pins what each domain's clients must pin, if anything
  /// @param hints where each domain's clients knock, if DNS does not say it
  InvitationUris(Function<Domain, Optional<Bytes>> pins, Function<Domain, Optional<Hint>> hints) {
    this.pins = pins;
    this.hints = hints;
  }

  /// The URI, code included.
  Secret of(AccountJid account, IssuedCode code) {
    StringBuilder uri = new StringBuilder("xmpp:");
    uri.append(encoded(account.localpart())).append('@').append(encoded(account.domain().name()));
    uri.append("?login;token=").append(code.token().canonical().revealText());
    code.resource()
        .ifPresent(resource -> uri.append(";resource=").append(encoded(resource.name())));
    pins.apply(account.domain()).ifPresent(pin -> uri.append(";pin=sha-256:").append(pin.toHex()));
    hints
        .apply(account.domain())
        .ifPresent(
            hint -> {
              uri.append(";host=").append(encoded(hint.address().host()));
              uri.append(";port=").append(hint.address().port());
              if (hint.directTls()) {
                uri.append(";tls=direct");
              }
            });
    return Secret.ofText(uri.toString());
  }

  /// The same for a client that is given its credential in a file.
  ServerPlace place(Domain domain) {
    return new ServerPlace(
        pins.apply(domain),
        hints
            .apply(domain)
            .map(hint -> (hint.directTls() ? "tls:" : "") + hint.address().toString()));
  }

  private static String encoded(String text) {
    StringBuilder encoded = new StringBuilder();
    for (byte octet : text.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (octet & 0xff);
      // RFC 3986 §2.3: the unreserved ones stand for themselves.
      if (c < 0x80 && (Character.isLetterOrDigit(c) || "-._~".indexOf(c) >= 0)) {
        encoded.append(c);
      } else {
        encoded.append('%').append(String.format(Locale.ROOT, "%02X", (int) c));
      }
    }
    return encoded.toString();
  }
}
