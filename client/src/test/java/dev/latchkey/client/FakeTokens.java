// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import dev.latchkey.credential.Bytes;
import dev.latchkey.sasl.ChannelBindingType;
import dev.latchkey.sasl.ht.HtVariant;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/// The tokens that a [FakeServer] gives: XEP-0484's other side, from its formula. A token that has
/// been used ends those that were given before it.
final class FakeTokens {
  private static final Bytes NUL = Bytes.of((byte) 0);

  /// One of them.
  static final class Token {
    final String text;
    final HtVariant variant;
    volatile boolean expired;

    Token(String text, HtVariant variant) {
      this.text = text;
      this.variant = variant;
    }
  }

  /// What was signed in with, or was not.
  sealed interface Verdict {
    record Good(Bytes answer) implements Verdict {}

    record Expired() implements Verdict {}

    record Wrong() implements Verdict {}
  }

  private final AtomicInteger ids = new AtomicInteger();

  /// The live ones, in the order in which they were given.
  final List<Token> live = new CopyOnWriteArrayList<>();

  /// What has signed in, in order.
  final List<String> used = new CopyOnWriteArrayList<>();

  /// A `<token/>` for a `<request-token/>`.
  Element give(Element request) {
    return give(variant(request.attribute("mechanism").orElseThrow()));
  }

  Element give(HtVariant variant) {
    Token token = new Token("secret-token:fast-" + ids.incrementAndGet(), variant);
    live.add(token);
    return Element.named("token", Namespaces.FAST)
        .attribute("token", token.text)
        .attribute("expiry", "2099-01-01T00:00:00Z")
        .build();
  }

  static HtVariant variant(String mechanism) {
    return HtVariant.BY_PREFERENCE.stream()
        .filter(variant -> variant.mechanism().text().equals(mechanism))
        .findAny()
        .orElseThrow();
  }

  Verdict judge(
      String localpart, String mechanism, Bytes message, Map<ChannelBindingType, Bytes> bindings) {
    HtVariant variant = variant(mechanism);
    Bytes binding =
        variant
            .binding()
            .map(type -> Optional.ofNullable(bindings.get(type)).orElseThrow())
            .orElse(Bytes.EMPTY);
    for (Token token : live) {
      Bytes key = Bytes.utf8(token.text);
      Bytes expected =
          Bytes.concat(Bytes.utf8(localpart), NUL, mac(variant, key, "Initiator", binding));
      if (token.variant == variant && expected.equals(message)) {
        if (token.expired) {
          return new Verdict.Expired();
        }
        used.add(token.text);
        live.removeIf(other -> live.indexOf(other) < live.indexOf(token));
        return new Verdict.Good(mac(variant, key, "Responder", binding));
      }
    }
    return new Verdict.Wrong();
  }

  private static Bytes mac(HtVariant variant, Bytes key, String who, Bytes binding) {
    return variant.hash().mac(key, Bytes.concat(Bytes.utf8(who), binding));
  }
}
