// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.history;

import dev.latchkey.credential.Jid;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/// What an account wants archived (XEP-0441).
///
/// @param standing what holds for who is in neither list
/// @param always with whom messages are archived in any case
/// @param never with whom they are not; wins where somebody is in both
public record ArchivePreferences(Standing standing, Set<Jid> always, Set<Jid> never) {
  /// How many addresses both lists together have at most.
  public static final int MOST_LISTED = 1000;

  /// What holds until an account says otherwise: everything is archived.
  public static final ArchivePreferences USUAL =
      new ArchivePreferences(Standing.ALWAYS, Set.of(), Set.of());

  /// What holds for who is not listed (XEP-0441 §2.1.1).
  public enum Standing {
    ALWAYS("always"),
    NEVER("never"),
    ROSTER("roster");

    private final String word;

    Standing(String word) {
      this.word = word;
    }

    /// What the attribute says.
    public String word() {
      return word;
    }

    /// The one with this word.
    public static Optional<Standing> of(String word) {
      return Arrays.stream(values()).filter(standing -> standing.word.equals(word)).findAny();
    }
  }

  /// Copies.
  ///
  /// @throws IllegalArgumentException if too many are listed
  public ArchivePreferences {
    always = Set.copyOf(always);
    never = Set.copyOf(never);
    if (always.size() + never.size() > MOST_LISTED) {
      throw new IllegalArgumentException("more than " + MOST_LISTED + " addresses");
    }
  }

  /// Whether messages to or from somebody are archived.
  ///
  /// @param peer who a message is to or from
  /// @param inRoster whether a bare JID is in the account's roster; asked only where that matters
  public boolean wants(Jid peer, Predicate<Jid> inRoster) {
    if (lists(never, peer)) {
      return false;
    }
    return lists(always, peer)
        || switch (standing) {
          case ALWAYS -> true;
          case NEVER -> false;
          case ROSTER -> inRoster.test(peer.bare());
        };
  }

  /// XEP-0441 §2.3.1: a bare JID in the list means all its resources.
  private static boolean lists(Set<Jid> list, Jid peer) {
    return list.contains(peer) || list.contains(peer.bare());
  }
}
