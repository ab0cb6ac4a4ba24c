// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat;

import dev.latchkey.credential.Jid;
import java.util.List;
import java.util.stream.Stream;

/// Addresses that preparation changes before they are kept: what a store gives back must be them.
public final class SampleAddresses {
  /// Of every form: full, bare, of a domain, in capitals, in another width or composition, as an
  /// A-label, with an address for a domain.
  public static final List<Jid> ALL =
      Stream.of(
              "Nina@Chat.Example/Phone",
              "\u00c4rger@B\u00dcCHER.example/B\u00fcro \u265a",
              "a\u0308rger2@xn--bcher-kva.example",
              "\uff4b\uff49\uff4d@chat.example\u3002/\u00a0x",
              "\u03a3\u13a0\u10a0@\u03a3.example",
              "emoji.example/\ud83d\ude00",
              "kim@[2001:DB8::1]/r",
              "Evil.Example",
              "evil.example/R")
          .map(Jid::parse)
          .toList();

  private SampleAddresses() {}
}
