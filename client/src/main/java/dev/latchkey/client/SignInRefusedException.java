// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import dev.latchkey.credential.AccountJid;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.util.Map;
import java.util.Optional;

/// The server refused to sign us in, or to enrol this device (RFC 6120 §6.5).
public final class SignInRefusedException extends ClientException {
  private static final long serialVersionUID = 1L;

  /// Nothing was proven, or nothing is said of what was.
  static final String NOT_AUTHORIZED = "not-authorized";

  /// What was proven is over.
  static final String CREDENTIALS_EXPIRED = "credentials-expired";

  /// What a person hears whose device was revoked: the server's own words say no more.
  private static final String REVOKED =
      "this device was revoked. " + StreamErrorException.REMEDY_OF_REVOKED;

  private final String condition;
  private final transient Optional<Element> application;
  private final transient Optional<String> reason;

  private SignInRefusedException(
      String message, String condition, Optional<Element> application, Optional<String> reason) {
    super(message);
    this.condition = condition;
    this.application = application;
    this.reason = reason;
  }

  /// Reads a `<failure/>`, SASL1's or SASL2's.
  ///
  /// @param hints what a person may do, by condition; said where the server says no more than that
  static SignInRefusedException of(Element failure, AccountJid account, Map<String, String> hints) {
    String condition =
        failure
            .children()
            .filter(
                child -> child.namespace().equals(Namespaces.SASL) && !child.name().equals("text"))
            .map(Element::name)
            .findFirst()
            .orElse(NOT_AUTHORIZED);
    Optional<String> reason =
        failure
            .child("reason", Namespaces.LATCHKEY_CSR)
            .map(word -> Foreign.line(word.text()))
            .filter(word -> !word.isEmpty());
    Optional<Element> application =
        failure
            .children()
            .filter(
                child ->
                    !child.namespace().equals(Namespaces.SASL)
                        && !child.namespace().equals(Namespaces.SASL2))
            .findFirst();
    String why =
        application.filter(StreamErrorException::saysRevoked).isPresent()
            ? REVOKED
            : why(
                failure, condition, application, reason, Optional.ofNullable(hints.get(condition)));
    return new SignInRefusedException(
        account + ": the server refused: " + why, condition, application, reason);
  }

  private static String why(
      Element failure,
      String condition,
      Optional<Element> application,
      Optional<String> reason,
      Optional<String> hint) {
    StringBuilder message = new StringBuilder(condition);
    reason
        .or(() -> application.map(Element::name))
        .ifPresent(word -> message.append(" (").append(word).append(")"));
    failure
        .children()
        .filter(child -> child.name().equals("text"))
        .findFirst()
        .ifPresent(text -> message.append(": ").append(Foreign.line(text.text())));
    if (application.isEmpty() && reason.isEmpty()) {
      hint.ifPresent(remedy -> message.append(". ").append(remedy));
    }
    return message.toString();
  }

  /// The condition, as its element is named.
  public String condition() {
    return condition;
  }

  /// The application's own condition beside it (SASL2 only).
  public Optional<Element> application() {
    return application;
  }

  /// Why a certificate request was refused: one of rule 7's words.
  public Optional<String> reason() {
    return reason;
  }

  /// Whether it says that this device was revoked.
  public boolean deviceRevoked() {
    return application.filter(StreamErrorException::saysRevoked).isPresent();
  }
}
