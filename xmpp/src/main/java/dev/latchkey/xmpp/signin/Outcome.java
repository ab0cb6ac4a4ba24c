// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.signin;

import dev.latchkey.sasl.FailureReason;
import dev.latchkey.sasl.SaslCondition;
import dev.latchkey.sasl.SaslStep;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import dev.latchkey.xmpp.session.Session;
import java.util.List;
import java.util.Optional;

/// What came of one attempt to sign in.
sealed interface Outcome {
  /// A session, and the client knows.
  ///
  /// @param asked what the client asked for while it bound (XEP-0386)
  record SignedIn(Session session, List<Element> asked) implements Outcome {
    /// Copies.
    public SignedIn {
      asked = List.copyOf(asked);
    }
  }

  /// An older session of the device goes on (XEP-0198), and the client knows.
  record Resumed() implements Outcome {}

  /// None, and the client does not know yet.
  ///
  /// @param wire what it will hear
  /// @param log what the operator reads
  /// @param application conditions of our own, for SASL2
  /// @param text words for people
  /// @param detail more for the log
  /// @param endsStream whether the stream ends with it (rule 12)
  record Failed(
      SaslCondition wire,
      FailureReason log,
      List<Element> application,
      Optional<String> text,
      Optional<String> detail,
      boolean endsStream)
      implements Outcome {
    /// Copies.
    public Failed {
      application = List.copyOf(application);
    }

    static Failed of(SaslCondition wire, FailureReason log) {
      return new Failed(wire, log, List.of(), Optional.empty(), Optional.empty(), false);
    }

    /// What a failed exchange is answered.
    static Failed of(SaslStep.Failure failure) {
      Failed failed = of(failure.wire(), failure.log());
      return failure.saysRevoked()
          ? failed.saying(
              Element.empty("credential-revoked", Namespaces.LATCHKEY_EVENTS),
              "This device was revoked.")
          : failed;
    }

    /// With a condition of our own and words for people.
    Failed saying(Element application, String text) {
      return new Failed(wire, log, List.of(application), Optional.of(text), detail, endsStream);
    }

    /// With words for people.
    Failed saying(String text) {
      return new Failed(wire, log, application, Optional.of(text), detail, endsStream);
    }

    /// After which the stream ends.
    Failed endingStream(Optional<String> detail) {
      return new Failed(wire, log, application, text, detail, true);
    }
  }
}
