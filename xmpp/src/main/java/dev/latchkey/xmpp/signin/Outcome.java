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
  /// @param end what becomes of the stream
  record Failed(
      SaslCondition wire,
      FailureReason log,
      List<Element> application,
      Optional<String> text,
      Optional<String> detail,
      End end)
      implements Outcome {
    /// What becomes of the stream after a failure.
    enum End {
      /// It goes on: the client may try again.
      NONE,
      /// It ends when the client has heard of it (rule 12).
      AFTERWARDS,
      /// It ends in an error, which is all that the client hears (rule 63).
      INSTEAD
    }

    /// Copies.
    public Failed {
      application = List.copyOf(application);
    }

    static Failed of(SaslCondition wire, FailureReason log) {
      return new Failed(wire, log, List.of(), Optional.empty(), Optional.empty(), End.NONE);
    }

    /// What a failed exchange is answered.
    static Failed of(SaslStep.Failure failure) {
      Failed failed = of(failure.wire(), failure.log());
      return switch (failure.manner()) {
        case PLAIN -> failed;
        case REVOKED ->
            failed.saying(
                Element.empty("credential-revoked", Namespaces.LATCHKEY_EVENTS),
                "This device was revoked.");
        case STREAM_ERROR ->
            failed
                .saying("This account or this device may not sign in at present.")
                .ending(End.INSTEAD);
      };
    }

    /// With a condition of our own and words for people.
    Failed saying(Element application, String text) {
      return new Failed(wire, log, List.of(application), Optional.of(text), detail, end);
    }

    /// With words for people.
    Failed saying(String text) {
      return new Failed(wire, log, application, Optional.of(text), detail, end);
    }

    /// After which the stream ends.
    Failed endingStream(Optional<String> detail) {
      return new Failed(wire, log, application, text, detail, End.AFTERWARDS);
    }

    private Failed ending(End otherwise) {
      return new Failed(wire, log, application, text, detail, otherwise);
    }
  }
}
