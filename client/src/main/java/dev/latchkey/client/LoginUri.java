// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.InvalidJidException;
import dev.latchkey.credential.Jid;
import dev.latchkey.credential.MachineSecret;
import dev.latchkey.credential.Resource;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// An invitation: whose account, its one-time code, and how to find and know the server.
///
/// `xmpp:LOCAL@DOMAIN?login;token=T[;resource=R][;pin=sha-256:HEX][;host=H;port=P;tls=direct]` (RFC
/// 5122, rule 22). Unknown parameters are ignored; a known one that stands twice or in a wrong form
/// is refused, because half an invitation may be a weaker one.
///
/// @param account whom the device will belong to
/// @param token the one-time code, secret
/// @param resource what the code's device is locked to
/// @param pin SHA-256 of the SPKI of the certificate that is the only trust anchor
/// @param server where the server listens, if DNS need not be asked
public record LoginUri(
    AccountJid account,
    MachineSecret token,
    Optional<Resource> resource,
    Optional<Bytes> pin,
    Optional<ServerAddress> server) {
  private static final String FORM = "xmpp:NAME@DOMAIN?login;token=CODE";
  private static final String PIN_HASH = "sha-256:";
  private static final int PIN_OCTETS = 32;

  /// Checks.
  ///
  /// @throws InvalidInputException if the pin is no SHA-256
  public LoginUri {
    if (pin.isPresent() && pin.get().length() != PIN_OCTETS) {
      throw new InvalidInputException("a pin is a SHA-256: 32 octets");
    }
  }

  /// Reads one. The code's check symbol is tested here, before anybody goes online (rule 19).
  ///
  /// @throws InvalidInputException if it is none; the message does not repeat the code
  public static LoginUri parse(String text) {
    String uri = text.strip();
    int query = uri.indexOf('?');
    if (query < 0 || !uri.regionMatches(true, 0, "xmpp:", 0, "xmpp:".length())) {
      throw new InvalidInputException("an invitation looks like " + FORM);
    }
    AccountJid account = account(decoded(uri.substring("xmpp:".length(), query)));
    String[] parts = uri.substring(query + 1).split(";", -1);
    if (!parts[0].equals("login")) {
      throw new InvalidInputException(
          "this address is no invitation: after the question mark stands `login`, as in " + FORM);
    }
    Map<String, String> parameters = new HashMap<>();
    for (int i = 1; i < parts.length; i++) {
      int equals = parts[i].indexOf('=');
      String name = decoded(equals < 0 ? parts[i] : parts[i].substring(0, equals));
      String value = equals < 0 ? "" : decoded(parts[i].substring(equals + 1));
      if (parameters.put(name, value) != null) {
        throw new InvalidInputException(
            "the invitation says `" + Foreign.line(name) + "` twice; ask for a new one");
      }
    }
    String typed = parameters.get("token");
    if (typed == null) {
      throw new InvalidInputException("the invitation has no code: it looks like " + FORM);
    }
    MachineSecret token =
        MachineSecret.read(typed)
            .orElseThrow(
                () ->
                    new InvalidInputException(
                        "the code in the invitation is mistyped or cut off (27 letters and digits,"
                            + " the last one checks the others): copy it again"));
    return new LoginUri(
        account,
        token,
        Optional.ofNullable(parameters.get("resource")).map(LoginUri::resource),
        Optional.ofNullable(parameters.get("pin")).map(LoginUri::pin),
        server(account, parameters));
  }

  /// The whole URI, code included. SECURITY: whoever calls this answers for where it goes.
  public String reveal() {
    StringBuilder uri = new StringBuilder("xmpp:");
    uri.append(encoded(account.localpart())).append('@').append(encoded(account.domain().name()));
    uri.append("?login;token=").append(token.canonical().revealText());
    resource.ifPresent(name -> uri.append(";resource=").append(encoded(name.name())));
    pin.ifPresent(hash -> uri.append(";pin=").append(PIN_HASH).append(hash.toHex()));
    server.ifPresent(
        address -> {
          uri.append(";host=").append(encoded(address.host()));
          uri.append(";port=").append(address.port());
          if (address.directTls()) {
            uri.append(";tls=direct");
          }
        });
    return uri.toString();
  }

  private static AccountJid account(String text) {
    try {
      Jid jid = Jid.parse(text);
      return jid.account()
          .filter(account -> jid.isBare())
          .orElseThrow(
              () -> new InvalidInputException("an invitation is for NAME@DOMAIN, as in " + FORM));
    } catch (InvalidJidException refused) {
      throw new InvalidInputException(
          "the invitation's address is none: "
              + Foreign.line(String.valueOf(refused.getMessage())));
    }
  }

  private static Resource resource(String text) {
    try {
      return new Resource(text);
    } catch (InvalidJidException refused) {
      throw new InvalidInputException(
          "the invitation's resource is none: "
              + Foreign.line(String.valueOf(refused.getMessage())));
    }
  }

  private static Bytes pin(String text) {
    // SECURITY: a pin we do not understand must not be ignored like an unknown parameter (rule 22).
    String hex = text.toLowerCase(Locale.ROOT);
    if (!hex.matches("sha-256:[0-9a-f]{64}")) {
      throw new InvalidInputException(
          "the invitation's pin is not sha-256: and 64 hexadecimal digits");
    }
    return Bytes.hex(hex.substring(PIN_HASH.length()));
  }

  private static Optional<ServerAddress> server(
      AccountJid account, Map<String, String> parameters) {
    boolean direct = parameters.containsKey("tls");
    if (direct && !"direct".equals(parameters.get("tls"))) {
      throw new InvalidInputException("the invitation's tls is not `direct`");
    }
    String port = parameters.get("port");
    if (port != null && !port.matches("[0-9]{1,5}")) {
      throw new InvalidInputException("the invitation's port is not a number");
    }
    String host = parameters.get("host");
    if (host == null && port == null && !direct) {
      return Optional.empty();
    }
    int defaultPort = direct ? ServerAddress.DIRECT_TLS_PORT : ServerAddress.STARTTLS_PORT;
    return Optional.of(
        new ServerAddress(
            host == null ? account.domain().name() : host,
            port == null ? defaultPort : Integer.parseInt(port),
            direct));
  }

  private static String decoded(String text) {
    ByteBuffer octets = ByteBuffer.allocate(text.length() * 4);
    for (int i = 0; i < text.length(); ) {
      char c = text.charAt(i);
      if (c == '%') {
        if (i + 3 > text.length()) {
          throw new InvalidInputException("the invitation holds a percent sign without two digits");
        }
        int high = Character.digit(text.charAt(i + 1), 16);
        int low = Character.digit(text.charAt(i + 2), 16);
        if (high < 0 || low < 0) {
          throw new InvalidInputException("the invitation holds a percent sign without two digits");
        }
        octets.put((byte) (high << 4 | low));
        i += 3;
      } else {
        int point = text.codePointAt(i);
        octets.put(Character.toString(point).getBytes(StandardCharsets.UTF_8));
        i += Character.charCount(point);
      }
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(octets.flip()).toString();
    } catch (CharacterCodingException notUtf8) {
      throw new InvalidInputException(
          "the invitation holds percent-encoded text that is not UTF-8");
    }
  }

  private static String encoded(String text) {
    StringBuilder encoded = new StringBuilder();
    for (byte octet : text.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (octet & 0xff);
      boolean unreserved =
          c < 0x80 && (Character.isLetterOrDigit(c) || "-._~".indexOf(c) >= 0); // RFC 3986 §2.3
      if (unreserved) {
        encoded.append(c);
      } else {
        encoded.append('%').append(String.format(Locale.ROOT, "%02X", (int) c));
      }
    }
    return encoded.toString();
  }

  /// Without the code.
  @Override
  public String toString() {
    return "xmpp:" + account + "?login;token=[secret]";
  }
}
