// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import dev.latchkey.sasl.ht.HtVariant;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.time.InstantSource;
import java.util.Optional;

/// Asks for a FAST token with the code itself (30.C way iii). Asked again by the same user agent,
/// the server gives a fresh token for the same device (rule 8).
final class TokenEnrolment {
  /// What came of it.
  ///
  /// @param made the new device and its token, by their ids
  /// @param token the token
  record Answer(NewDevice made, KeptToken token) {}

  private final CodeExchange code;
  private final InstantSource clock;

  TokenEnrolment(CodeExchange code, InstantSource clock) {
    this.code = code;
    this.clock = clock;
  }

  /// A request for a token holds no name: that stands beside it.
  private Optional<Element> prove(Element request) {
    return code.pending()
        .name()
        .map(
            name -> Element.named("enrol", Namespaces.LATCHKEY_CSR).attribute("name", name).build())
        .map(named -> code.prove(request, named))
        .orElseGet(() -> code.prove(request));
  }

  Answer run() {
    HtVariant variant =
        TokenChoice.strongest(code.features(), code.stream().tls(), false)
            .orElseThrow(
                () ->
                    new ClientException(
                        "%s gives no tokens that can be used here (XEP-0484): choose another --credential, or ask who runs it"
                            .formatted(code.account().domain())));
    Element success = prove(TokenChoice.request(variant)).orElseThrow(code::signedInInstead);
    var _ = Identities.requireSame(success, code.account());
    NewDevice made = NewDevice.in(success);
    return new Answer(
        made,
        KeptToken.given(success, variant, clock.instant())
            .map(token -> token.named(made.credential()))
            .orElseThrow(
                () ->
                    new ServerNotTrustedException(
                        "the server's answer is refused: it holds no token")));
  }
}
