// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import dev.latchkey.chat.history.KeptId;
import dev.latchkey.credential.Bytes;
import java.util.ArrayList;
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
  }

  private static boolean isBare(String jid) {
    return jid.indexOf('/') < 0;
  }

  static String bare(String jid) {
    return isBare(jid) ? jid : jid.substring(0, jid.indexOf('/'));
  }

  /// A run as a row holds it.
  ///
  /// @param first the least id in it, as [KeptId#micros]
  /// @param messages how many are in it
  /// @param peers how many of them are with whom: by bare and by full JID
  /// @param entries can be put behind those of an older run
  record Written(long first, int messages, Map<String, Integer> peers, Bytes entries) {
    /// Copies.
    Written {
      peers = Map.copyOf(peers);
    }
  }

  /// These messages as one run.
  ///
  /// @param entries at least one
  static Written written(List<Entry> entries) {
    ArchiveRunWriter writer = new ArchiveRunWriter(Integer.MAX_VALUE);
    entries.forEach(entry -> writer.add(entry.id(), entry.peer(), entry.stanza()));
    return writer.runs().getFirst();
  }

  /// @throws IllegalArgumentException if that is no run
  static ArchiveRun read(Bytes octets) {
    RecordInput records = new RecordInput(octets);
    List<Entry> entries = new ArrayList<>();
    while (!records.isAtEnd()) {
      entries.add(new Entry(records.id(), records.text(), records.octets()));
    }
    if (entries.isEmpty()) {
      throw new IllegalArgumentException("a run holds nothing");
    }
    return new ArchiveRun(entries);
  }
}
