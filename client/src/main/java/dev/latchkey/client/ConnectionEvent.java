// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import dev.latchkey.credential.Jid;
import java.time.Duration;
import java.util.List;

/// What happens to the connection of a client that stays, in the order in which it happens.
public sealed interface ConnectionEvent {
  /// It is signed in for the first time.
  ///
  /// @param jid our full JID
  record Connected(Jid jid) implements ConnectionEvent {}

  /// The connection is gone, or could not be made again.
  ///
  /// @param why what ended it
  record Lost(ClientException why) implements ConnectionEvent {}

  /// It is tried again.
  ///
  /// @param in after how long; zero is at once
  record TryingAgain(Duration in) implements ConnectionEvent {}

  /// The session goes on over a new connection (XEP-0198 §5): nothing was missed, and nothing that
  /// was sent is lost.
  ///
  /// @param sentAgain how many stanzas the server did not have
  record Resumed(int sentAgain) implements ConnectionEvent {}

  /// The old session is gone and a new one has begun. A client that catches up does so again; the
  /// presence that was sent last was sent again.
  ///
  /// @param jid our full JID, which may be another one now
  /// @param sentAgain how many stanzas were sent again, because the server said it did not have
  ///   them
  /// @param unknown the ids of the messages of which nobody knows whether the server has them; they
  ///   were not sent again
  record Renewed(Jid jid, int sentAgain, List<String> unknown) implements ConnectionEvent {
    /// Copies.
    public Renewed {
      unknown = List.copyOf(unknown);
    }
  }

  /// All that was missed has been read from the archive; what comes now is live.
  record CaughtUp() implements ConnectionEvent {}

  /// The home cannot be written, because its disk is full or it may only be read. What can be done
  /// without is: the certificate signs in, no token is asked for or kept, and what was shown may be
  /// shown again by another program. Said once.
  ///
  /// @param why what was not written
  record HomeUnwritable(ClientException why) implements ConnectionEvent {}

  /// An alarm: this device's session was taken over by another connection, and we did not ask for
  /// that. Whoever did it holds the device's key. The client does not fight for it; it ends.
  ///
  /// @param how what the server said
  record TakenOver(StreamErrorException how) implements ConnectionEvent {}

  /// The client has ended for good: it was closed, or to come back would not help, or took too
  /// long.
  ///
  /// @param why what ended it
  /// @param notSent the ids of the messages that the server does not have
  /// @param unknown the ids of the messages of which nobody knows
  record Ended(ClientException why, List<String> notSent, List<String> unknown)
      implements ConnectionEvent {
    /// Copies.
    public Ended {
      notSent = List.copyOf(notSent);
      unknown = List.copyOf(unknown);
    }
  }
}
