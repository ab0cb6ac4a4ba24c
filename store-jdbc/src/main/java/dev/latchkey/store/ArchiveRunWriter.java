// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import dev.latchkey.chat.history.KeptId;
import dev.latchkey.credential.Bytes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Writes messages of one archive into as few runs as hold them. They are octets from the
/// beginning: thousands of messages that wait to be filed would be tens of thousands of objects,
/// which the collector of garbage would move again and again. Not thread-safe.
final class ArchiveRunWriter {
  private final int most;
  private final List<ArchiveRun.Written> full = new ArrayList<>();
  private final RecordOutput records = new RecordOutput();
  private Map<String, Integer> peers = new HashMap<>();
  private String peer = "";
  private int withPeer;
  private long first;
  private int messages;

  /// @param most so many octets has a run at most, unless it is a single message
  ArchiveRunWriter(int most) {
    this.most = most;
  }

  /// Adds a message that is newer than all before.
  void add(KeptId id, String peer, Bytes stanza) {
    if (messages > 0 && records.length() + stanza.length() > most) {
      end();
    }
    if (messages == 0) {
      first = id.micros();
    }
    if (!peer.equals(this.peer)) {
      count();
      this.peer = peer;
    }
    records.id(id).text(peer).octets(stanza);
    withPeer++;
    messages++;
  }

  /// Most messages are with whom the one before is, so not each is looked up.
  private void count() {
    if (withPeer > 0) {
      peers.merge(peer, withPeer, Integer::sum);
      withPeer = 0;
    }
  }

  private void end() {
    count();
    for (Map.Entry<String, Integer> peer : List.copyOf(peers.entrySet())) {
      String bare = ArchiveRun.bare(peer.getKey());
      if (!bare.equals(peer.getKey())) {
        peers.merge(bare, peer.getValue(), Integer::sum);
      }
    }
    full.add(new ArchiveRun.Written(first, messages, peers, records.toBytes()));
    records.clear();
    peers = new HashMap<>();
    messages = 0;
  }

  /// All runs, the oldest first.
  List<ArchiveRun.Written> runs() {
    if (messages > 0) {
      end();
    }
    return full;
  }
}
