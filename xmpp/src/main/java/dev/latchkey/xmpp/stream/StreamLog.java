// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.stream;

import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Domain;
import dev.latchkey.sasl.FailureReason;
import java.net.InetSocketAddress;
import java.util.Optional;

/// What the operator reads of streams. Each reason is of a closed set; nothing that a peer sent
/// gets here. Thread-safe; must not wait.
public interface StreamLog {
  /// Of which nobody reads anything.
  StreamLog NONE =
      new StreamLog() {
        @Override
        public void streamRefused(InetSocketAddress peer, String condition, String rule) {}

        @Override
        public void signInRefused(
            InetSocketAddress peer,
            Domain domain,
            String mechanism,
            FailureReason reason,
            Optional<String> detail) {}

        @Override
        public void signedIn(
            InetSocketAddress peer, AccountJid account, String device, String mechanism) {}
      };

  /// A stream was ended because a rule was broken.
  void streamRefused(InetSocketAddress peer, String condition, String rule);

  /// A sign-in failed.
  ///
  /// @param reason why; never told to the peer
  /// @param detail more of it, where the reason alone does not say enough
  void signInRefused(
      InetSocketAddress peer,
      Domain domain,
      String mechanism,
      FailureReason reason,
      Optional<String> detail);

  /// A device signed in.
  void signedIn(InetSocketAddress peer, AccountJid account, String device, String mechanism);
}
