// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.server;

import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Domain;
import dev.latchkey.sasl.FailureReason;
import dev.latchkey.xmpp.stream.StreamLog;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells the operator's log of streams. `docs/errors.md` explains the codes and the reasons.
final class LoggedStreams implements StreamLog {
  private static final Logger LOG = LoggerFactory.getLogger("dev.latchkey.streams");

  @Override
  public void streamRefused(InetSocketAddress peer, String condition, String rule) {
    LOG.info("STREAM-1001 stream ended condition={} rule=\"{}\" peer={}", condition, rule, peer);
  }

  @Override
  public void signInRefused(
      InetSocketAddress peer,
      Domain domain,
      String mechanism,
      FailureReason reason,
      Optional<String> detail) {
    LOG.info(
        "AUTH-1007 sign-in refused reason={} mechanism={} domain={} detail=\"{}\" peer={}",
        reason.word(),
        mechanism,
        domain,
        detail.orElse(""),
        peer);
  }

  @Override
  public void signedIn(
      InetSocketAddress peer, AccountJid account, String device, String mechanism) {
    LOG.info(
        "AUTH-1001 signed in account={} device={} mechanism={} peer={}",
        account,
        device,
        mechanism,
        peer);
  }
}
