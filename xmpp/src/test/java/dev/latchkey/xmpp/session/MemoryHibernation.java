// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.session;

import java.util.ArrayList;
import java.util.List;

/// Sessions that sleep in memory.
final class MemoryHibernation implements HibernationStore {
  private final List<HibernatedSession> kept = new ArrayList<>();

  @Override
  public synchronized void put(List<HibernatedSession> sessions) {
    kept.addAll(sessions);
  }

  @Override
  public synchronized List<HibernatedSession> take() {
    List<HibernatedSession> taken = List.copyOf(kept);
    kept.clear();
    return taken;
  }
}
