// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import dev.latchkey.chat.history.KeptId;
import dev.latchkey.credential.Bytes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Messages of one archive that follow each other, as one row holds them.
///
/// @param entries the oldest first
record ArchiveRun(List<Entry> entries) {
  /// Copies.
  ArchiveRun {
    entries = List.copyOf(entries);
  }

  /// A message in it.
  ///
  /// @param peer the other side's JID
  /// @param stanza the message's XML; it is not looked at before somebody wants it
  record Entry(KeptId id, String peer, Bytes stanza) {
    /// Whether it is to or from an address: a bare JID means all its resources, a full one only
    /// itself.
    boolean isWith(String jid) {
      // No slash stands in a JID before its resource (RFC 7622 §3.2 and §3.3).
      return peer.equals(jid) || (isBare(jid) && bare(peer).equals(jid));
    }

    private void writeTo(RecordOutput records) {
      records.id(id).text(peer).octets(stanza);
    }
  }

  private static boolean isBare(String jid) {
    return jid.indexOf('/') < 0;
  }

  private static String bare(String jid) {
    return isBare(jid) ? jid : jid.substring(0, jid.indexOf('/'));
  }

  /// How many of these messages are with whom: by bare and by full JID.
  static Map<String, Integer> peers(List<Entry> entries) {
    Map<String, Integer> peers = new HashMap<>();
    for (Entry entry : entries) {
      peers.merge(entry.peer(), 1, Integer::sum);
    }
    for (Map.Entry<String, Integer> peer : List.copyOf(peers.entrySet())) {
      if (!isBare(peer.getKey())) {
        peers.merge(bare(peer.getKey()), peer.getValue(), Integer::sum);
      }
    }
    return peers;
  }

  /// As a row holds them. What is written of some can be put behind what is written of others.
  static Bytes written(List<Entry> entries) {
    RecordOutput records = new RecordOutput();
    entries.forEach(entry -> entry.writeTo(records));
    return records.toBytes();
  }

  /// @throws IllegalArgumentException if that is no run
  static ArchiveRun read(Bytes octets) {
    RecordInput records = new RecordInput(octets);
    List<Entry> entries = new ArrayList<>();
    while (!records.isAtEnd()) {
      entries.add(new Entry(records.id(), records.text(), records.octets()));
    }
    return new ArchiveRun(entries);
  }
}
