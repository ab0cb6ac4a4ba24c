// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.backend;

import dev.latchkey.credential.AccountId;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What one visit causes at other accounts. Done once, in one piece, when its turn comes
/// ([Errands]).
final class Errand {
  private static final Logger LOG = LoggerFactory.getLogger(Errand.class);

  private final LocalAccount visited;
  private final List<Runnable> steps;
  private final List<Errand> caused = new ArrayList<>();

  /// @param visited whose visit it comes of
  /// @param steps what is to be done, in order
  Errand(LocalAccount visited, List<Runnable> steps) {
    this.visited = visited;
    this.steps = List.copyOf(steps);
  }

  LocalAccount visited() {
    return visited;
  }

  /// What is broken at another account is neither the visitor's business nor that of the next one.
  void run() {
    for (Runnable step : steps) {
      try {
        step.run();
      } catch (RuntimeException fault) {
        LOG.error(
            "CHAT-9001 fault in what was to be done elsewhere for account={}",
            visited.id().map(AccountId::value).orElse("-"),
            fault);
      }
    }
  }

  /// While this one is done, a visit causes another.
  void causes(Errand other) {
    caused.add(other);
  }

  /// What it has caused, once it is done.
  List<Errand> caused() {
    return List.copyOf(caused);
  }
}
