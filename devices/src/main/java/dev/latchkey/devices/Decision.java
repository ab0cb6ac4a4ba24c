// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import dev.latchkey.credential.AccountSnapshot;
import dev.latchkey.credential.Commit;
import dev.latchkey.credential.CredentialChange;
import dev.latchkey.credential.CredentialStore;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/// What was decided on a snapshot: an answer, and what must be written for it to be true.
///
/// @param changes what to commit first; nothing, if the answer stands by itself
/// @param answer the answer
/// @param <T> its type
record Decision<T>(List<CredentialChange> changes, T answer) {
  /// Each commit that is lost means that another one was won, so this many in a row happen to
  /// nobody but a bug.
  private static final int TRIES = 100;

  Decision {
    changes = List.copyOf(changes);
  }

  static <T> Decision<T> answer(T answer) {
    return new Decision<>(List.of(), answer);
  }

  /// Decides until the decision could be written: what was decided on an account that has changed
  /// since is decided again.
  ///
  /// @param decide reads a snapshot and decides on it
  static <T> T settle(CredentialStore store, Supplier<Decision<T>> decide) {
    return settle(store, decide, _ -> {});
  }

  /// The same, where connections must end once it is written, and before it is answered (rule 39).
  ///
  /// @param end ends them, given the answer; also before a failed commit goes on, for it may have
  ///   been written all the same, as when the log behind it was full
  static <T> T settle(CredentialStore store, Supplier<Decision<T>> decide, Consumer<T> end) {
    T answer = settle(store, decide, decide, end);
    end.accept(answer);
    return answer;
  }

  /// The same, but decides at first on what was read already; the account is read only if it has
  /// changed since.
  ///
  /// @param read the account as it was read
  static <T> T settle(
      CredentialStore store, AccountSnapshot read, Function<AccountSnapshot, Decision<T>> decide) {
    return settle(
        store,
        () -> decide.apply(read),
        // Accounts stay, if only as deleted ones.
        () -> decide.apply(store.find(read.account().id()).orElseThrow()),
        _ -> {});
  }

  private static <T> T settle(
      CredentialStore store,
      Supplier<Decision<T>> first,
      Supplier<Decision<T>> next,
      Consumer<T> unsure) {
    Supplier<Decision<T>> decide = first;
    for (int i = 0; i < TRIES; i++, decide = next) {
      Decision<T> decision = decide.get();
      if (decision.changes().isEmpty() || isCommitted(store, decision, unsure)) {
        return decision.answer();
      }
    }
    throw new IllegalStateException("an account changed under each of " + TRIES + " decisions");
  }

  private static <T> boolean isCommitted(
      CredentialStore store, Decision<T> decision, Consumer<T> unsure) {
    try {
      return store.commit(decision.changes()) instanceof Commit.Committed;
    } catch (RuntimeException failed) {
      unsure.accept(decision.answer());
      throw failed;
    }
  }
}
