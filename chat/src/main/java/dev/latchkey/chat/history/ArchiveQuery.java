// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.history;

import dev.latchkey.credential.Jid;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What is asked of an archive, and which page of the answer.
///
/// @param filter which messages
/// @param after the page begins behind this one (XEP-0059)
/// @param before the page ends before this one
/// @param fromEnd whether the page is the last, not the first, of what lies between
/// @param most how many messages at most; 0 or more
public record ArchiveQuery(
    Filter filter, Optional<KeptId> after, Optional<KeptId> before, boolean fromEnd, int most) {
  /// All messages, the first page.
  public static ArchiveQuery first(int most) {
    return new ArchiveQuery(Filter.ALL, Optional.empty(), Optional.empty(), false, most);
  }

  /// All messages, the last page.
  public static ArchiveQuery last(int most) {
    return new ArchiveQuery(Filter.ALL, Optional.empty(), Optional.empty(), true, most);
  }

  /// The same of these messages only.
  public ArchiveQuery of(Filter filter) {
    return new ArchiveQuery(filter, after, before, fromEnd, most);
  }

  /// The page behind a message.
  public ArchiveQuery after(KeptId id) {
    return new ArchiveQuery(filter, Optional.of(id), before, fromEnd, most);
  }

  /// The page before a message.
  public ArchiveQuery before(KeptId id) {
    return new ArchiveQuery(filter, after, Optional.of(id), true, most);
  }

  /// Which messages.
  ///
  /// @param with to or from this address: a bare JID means all its resources, a full one only
  ///   itself
  /// @param start not before
  /// @param end not after
  /// @param afterId behind this one
  /// @param beforeId before this one
  /// @param ids only these; all, if there are none
  public record Filter(
      Optional<Jid> with,
      Optional<Instant> start,
      Optional<Instant> end,
      Optional<KeptId> afterId,
      Optional<KeptId> beforeId,
      List<KeptId> ids) {
    /// Every message.
    public static final Filter ALL =
        new Filter(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            List.of());

    /// Copies.
    public Filter {
      ids = List.copyOf(ids);
    }

    /// Those to or from an address.
    public static Filter with(Jid jid) {
      return new Filter(Optional.of(jid), ALL.start, ALL.end, ALL.afterId, ALL.beforeId, ALL.ids);
    }

    /// Those within a time, both ends included.
    public static Filter between(Instant start, Instant end) {
      return new Filter(
          ALL.with, Optional.of(start), Optional.of(end), ALL.afterId, ALL.beforeId, ALL.ids);
    }

    /// Only these.
    public static Filter only(List<KeptId> ids) {
      return new Filter(ALL.with, ALL.start, ALL.end, ALL.afterId, ALL.beforeId, ids);
    }
  }
}
