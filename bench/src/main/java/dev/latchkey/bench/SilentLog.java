// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.bench;

import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Domain;
import dev.latchkey.sasl.FailureReason;
import dev.latchkey.xmpp.stream.StreamLog;
import java.net.InetSocketAddress;
import java.util.Optional;

/// A log that nobody reads.
final class SilentLog implements StreamLog {
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
}
