// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.credential;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Where accounts, devices and credentials are kept.
///
/// Thread-safe. Every method may wait for a disk: call it from a virtual or a worker thread, never
/// from an event loop.
public interface CredentialStore {
  /// So many events of each kind are kept of an account.
  int EVENTS_OF_A_KIND = 200;

  /// The account with this address; deleted ones are not found.
  Optional<AccountSnapshot> find(AccountJid account);

  /// The same account as [#find(AccountJid)] would tell of now, if that is known without waiting.
  /// If it is not, that says nothing.
  ///
  /// SECURITY: which accounts are known shows in the time that an answer takes. So nobody who has
  /// proven nothing may be answered by it: a refusal rests on [#find(AccountJid)], always.
  Optional<AccountSnapshot> remembered(AccountJid account);

  /// The account with this id, whatever its state.
  Optional<AccountSnapshot> find(AccountId account);

  /// Under which live and dead rows a certificate is listed (rule 2: the registry decides the
  /// account).
  ///
  /// @param fingerprint SHA-256 of its DER
  List<CertificateHolder> holdersOf(Bytes fingerprint);

  /// All accounts that are not deleted, by address.
  List<Account> accounts();

  /// The account's history, oldest first: the last [#EVENTS_OF_A_KIND] of each kind, so that no
  /// device can fill the disk with it, nor what matters be pushed out by what happens often (rule
  /// 37).
  ///
  /// @param after only events with a greater number
  /// @param limit at most so many
  List<Event> events(AccountId account, long after, int limit);

  /// Writes everything, or nothing if a precondition does not hold. When it returns
  /// [Commit.Committed], the effects survive a crash and are seen by every later read.
  ///
  /// @throws IllegalArgumentException if a `Put…` or `Remove…` about an existing account stands
  ///   without [CredentialChange.RequireVersion] of that account before it
  Commit commit(List<CredentialChange> changes);

  /// Removes credentials whose date has passed, if they are of a kind that [CredentialKind#lapses],
  /// dead ones too. Until then a dead one is kept, so that who proves that he holds it can be told
  /// that it is dead (rule 41).
  ///
  /// @param before only those that expired before this
  /// @param limit at most so many, so that nobody waits long behind them
  /// @return how many
  int removeExpired(Instant before, int limit);
}
