// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import dev.latchkey.credential.Account;
import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.AccountSnapshot;
import dev.latchkey.credential.AccountStatus;
import dev.latchkey.credential.Actor;
import dev.latchkey.credential.CredentialChange;
import dev.latchkey.credential.Event;
import dev.latchkey.credential.EventKind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The account that the operator wants something for: the one with this address, or a new one.
///
/// @param snapshot as it stands, or as it will stand
/// @param created whether it is new
/// @param opening what makes it, or what guards it
record Reservation(AccountSnapshot snapshot, boolean created, List<CredentialChange> opening) {
  Reservation {
    opening = List.copyOf(opening);
  }

  /// Finds the account or writes down a new one.
  ///
  /// @param status what a new one shall be
  static Reservation of(Surroundings surroundings, AccountJid jid, AccountStatus status) {
    Instant now = surroundings.now();
    Optional<AccountSnapshot> found = surroundings.store().find(jid);
    if (found.isPresent() && !hasLapsed(found.get(), now)) {
      return new Reservation(
          found.get(), false, found.get().edit(new Actor.Operator(), now).changes());
    }
    List<CredentialChange> opening = new ArrayList<>();
    // Rule 60: codes that nobody redeemed free the name. Whoever gets it now gets a new account
    // (rule 4): nothing of the one before is his.
    found.ifPresent(
        lapsed ->
            opening.addAll(
                lapsed
                    .edit(new Actor.Operator(), now)
                    .put(lapsed.account().withStatus(AccountStatus.DELETED))
                    .changes()));
    Account account = new Account(AccountId.draw(surroundings.random()), jid, status, 0, now);
    opening.add(new CredentialChange.PutAccount(account));
    opening.add(
        new CredentialChange.Append(
            new Event(
                0,
                account.id(),
                now,
                EventKind.ACCOUNT_CREATED,
                new Actor.Operator(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty())));
    return new Reservation(new AccountSnapshot(account, List.of(), List.of()), true, opening);
  }

  private static boolean hasLapsed(AccountSnapshot account, Instant now) {
    return account.account().status() == AccountStatus.RESERVED
        && account.credentials().stream().noneMatch(code -> account.isLive(code, now));
  }

  /// The opening and what follows it.
  List<CredentialChange> with(CredentialChange... changes) {
    List<CredentialChange> all = new ArrayList<>(opening);
    all.addAll(List.of(changes));
    return all;
  }
}
