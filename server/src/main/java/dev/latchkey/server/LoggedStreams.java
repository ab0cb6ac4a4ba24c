// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.server;

import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Domain;
import dev.latchkey.sasl.FailureReason;
import dev.latchkey.xmpp.stream.StreamLog;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells the operator's log of streams. `docs/errors.md` explains the codes and the reasons.
/// Thread-safe.
final class LoggedStreams implements StreamLog {
  private static final Logger LOG = LoggerFactory.getLogger("dev.latchkey.streams");

  private final RefusedStreams refused;

  LoggedStreams(InstantSource clock) {
    this.refused = new RefusedStreams(clock);
  }

  @Override
  public void streamRefused(InetSocketAddress peer, String condition, String rule) {
    List<RefusedStreams.Line> lines = refused.add(peer, condition, rule);
    if (!lines.isEmpty()) {
      // Event loops tell of whom they turn away, and carry the threads that virtual threads start;
      // writing a log may wait for a disk.
      Thread.ofPlatform()
          .name("stream-log")
          .daemon()
          .start(() -> lines.forEach(LoggedStreams::write));
    }
  }

  private static void write(RefusedStreams.Line line) {
    String peer = line.peer().orElse("many");
    if (line.more() == 0) {
      LOG.info(
          "STREAM-1001 stream ended condition={} rule=\"{}\" peer={}",
          line.condition(),
          line.rule(),
          peer);
    } else {
      LOG.info(
          "STREAM-1002 streams ended condition={} rule=\"{}\" peer={} more={}",
          line.condition(),
          line.rule(),
          peer,
          line.more());
    }
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
