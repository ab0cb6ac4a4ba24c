// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import dev.latchkey.credential.Bytes;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// DER as text between two lines (RFC 7468).
final class Pem {
  private static final Base64.Encoder LINES = Base64.getMimeEncoder(64, new byte[] {'\n'});

  private Pem() {}

  static String write(String label, Bytes der) {
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n"
        .formatted(label, LINES.encodeToString(der.toArray()), label);
  }

  /// Everything under this label, in order.
  static List<Bytes> read(String label, String text) {
    Matcher blocks =
        Pattern.compile(
                "-----BEGIN " + label + "-----([A-Za-z0-9+/=\\s]*)-----END " + label + "-----")
            .matcher(text);
    List<Bytes> found = new ArrayList<>();
    while (blocks.find()) {
      Bytes.base64(blocks.group(1).replaceAll("\\s", "")).ifPresent(found::add);
    }
    return found;
  }
}
