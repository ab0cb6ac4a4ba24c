// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl;

import dev.latchkey.credential.Bytes;
import java.util.Optional;

/// An exchange on the server that takes one message, the client's, and ends: the one round trip of
/// certificates and tokens.
public abstract class OneMessageExchange implements SaslExchange {
  private enum State {
    NEW,
    ASKED,
    ENDED
  }

  private State state = State.NEW;

  /// For mechanisms.
  protected OneMessageExchange() {}

  /// Answers the message. Called once.
  ///
  /// @param message its octets; may be none
  /// @return success or failure, never a challenge
  protected abstract SaslStep decide(Bytes message);

  @Override
  public final SaslStep next(Optional<Bytes> message) {
    State before = state;
    state = State.ENDED;
    if (before == State.ENDED) {
      throw new IllegalStateException("the exchange has ended");
    }
    if (message.isPresent()) {
      return decide(message.get());
    }
    if (before == State.ASKED) {
      return malformed();
    }
    // RFC 4422 §3: where the client goes first but sent nothing, the server sends an empty
    // challenge.
    state = State.ASKED;
    return new SaslStep.Challenge(Bytes.EMPTY);
  }

  /// The answer to a message that does not follow its grammar.
  protected static SaslStep malformed() {
    return new SaslStep.Failure(SaslCondition.MALFORMED_REQUEST, FailureReason.MALFORMED_MESSAGE);
  }

  /// What a wrong proof is answered, whatever the log says of it.
  protected static SaslStep refused(FailureReason reason) {
    return new SaslStep.Failure(SaslCondition.NOT_AUTHORIZED, reason);
  }
}
