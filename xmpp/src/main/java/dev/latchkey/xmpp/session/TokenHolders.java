// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.session;

import dev.latchkey.credential.CredentialId;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// Who holds a credential that can be copied, and who held it before (rule 49). Guarded by the
/// registry's lock.
final class TokenHolders {
  /// So soon somebody is back who was replaced and did not leave by himself.
  private static final Duration BACK = Duration.ofSeconds(60);

  private record Holder(Session session, String place) {}

  private record Replaced(String place, Instant at) {}

  /// What became of it.
  ///
  /// @param replaced who had it until now
  /// @param twoPlaces whether that and what came before shows that two places use it
  record Change(Optional<Session> replaced, boolean twoPlaces) {}

  private final Map<CredentialId, Holder> holders = new HashMap<>();
  private final Map<CredentialId, Replaced> replaced = new HashMap<>();

  /// Somebody takes it.
  Change take(Session newcomer, String place, Instant accepted, Instant now) {
    CredentialId credential = newcomer.identity().credential().orElseThrow();
    replaced.values().removeIf(old -> old.at().plus(BACK).isBefore(now));
    Holder older = holders.put(credential, new Holder(newcomer, place));
    Replaced before = replaced.get(credential);
    boolean isBack =
        before != null
            && before.place().equals(place)
            && (older == null || !older.place().equals(place));
    if (older == null) {
      return new Change(Optional.empty(), isBack);
    }
    // Whose network changed is silent by the time it comes anew; a thief's victim is not.
    boolean bothSpeak = older.session().lastSaid().isAfter(accepted);
    if (older.session().is(Session.State.HIBERNATED)) {
      return new Change(Optional.empty(), isBack || bothSpeak); // it waits to be resumed
    }
    replaced.put(credential, new Replaced(older.place(), now));
    return new Change(Optional.of(older.session()), isBack || bothSpeak);
  }

  /// An older session goes on in the place of the one that came for it.
  void goesOn(Session newcomer, Session older) {
    newcomer
        .identity()
        .credential()
        .ifPresent(
            credential ->
                holders.computeIfPresent(
                    credential,
                    (_, holder) ->
                        holder.session().equals(newcomer)
                            ? new Holder(older, holder.place())
                            : holder));
  }

  /// A session is over.
  void left(Session session) {
    session
        .identity()
        .credential()
        .ifPresent(
            credential ->
                holders.computeIfPresent(
                    credential, (_, holder) -> holder.session().equals(session) ? null : holder));
  }
}
