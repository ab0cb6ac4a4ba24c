// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.backend;

import dev.latchkey.chat.roster.Roster;
import dev.latchkey.chat.roster.RosterChange;
import dev.latchkey.chat.roster.RosterStore;
import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.Jid;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Rosters of which some cannot be read, nor removed.
final class FaultyRosters implements RosterStore {
  private final RosterStore sound;
  private final Set<AccountId> broken = new HashSet<>();

  /// After something was saved, and before whoever saved it goes on.
  final Meanwhile afterSaving = new Meanwhile();

  FaultyRosters(RosterStore sound) {
    this.sound = sound;
  }

  void breakThatOf(AccountId account) {
    broken.add(account);
  }

  private RosterStore of(AccountId account) {
    if (broken.contains(account)) {
      throw new IllegalStateException("a roster that is broken for this test");
    }
    return sound;
  }

  @Override
  public Roster load(AccountId account) {
    return of(account).load(account);
  }

  @Override
  public boolean save(Map<AccountId, RosterChange> changes) {
    boolean saved = sound.save(changes);
    afterSaving.here();
    return saved;
  }

  @Override
  public List<AccountId> holding(Jid contact) {
    return sound.holding(contact);
  }

  @Override
  public void forget(AccountId account) {
    of(account).forget(account);
  }
}
