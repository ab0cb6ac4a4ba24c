// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import dev.latchkey.credential.Account;
import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.AccountStatus;
import dev.latchkey.credential.Actor;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Credential;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.CredentialStatus;
import dev.latchkey.credential.Device;
import dev.latchkey.credential.DeviceId;
import dev.latchkey.credential.DeviceStatus;
import dev.latchkey.credential.Event;
import dev.latchkey.credential.EventKind;
import dev.latchkey.credential.Verifier;
import dev.latchkey.credential.Withdrawal;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Kills in an older copy of the database what died after the copy was made (rule 40). Used once,
/// in one transaction.
final class Replay {
  private static final Optional<String> REASON = Optional.of("an older copy was put back");

  private final Sql sql;
  private final CredentialRows credentials;
  private final Instant at;
  private final List<AccountId> accounts = new ArrayList<>();
  private final List<DeviceId> devices = new ArrayList<>();
  private final List<CredentialId> certificates = new ArrayList<>();
  private final List<CredentialId> codes = new ArrayList<>();
  private final List<CredentialId> clientKeys = new ArrayList<>();
  private final Set<AccountId> changed = new LinkedHashSet<>();

  Replay(Sql sql, CredentialRows credentials, Instant at) {
    this.sql = sql;
    this.credentials = credentials;
    this.at = at;
  }

  RestoreReport run(RevocationLog log) throws SQLException {
    long known = AccountRows.lastRevocation(sql);
    List<Revocation> unknown =
        log.found().stream().filter(revocation -> revocation.seq() > known).toList();
    for (Revocation revocation : unknown) {
      AccountRows.append(sql, revocation);
    }
    for (Revocation revocation : unknown) {
      switch (revocation.what()) {
        case Withdrawal.OfDevice(DeviceId device, long generation) -> revoke(device, generation);
        case Withdrawal.OfCertificate(Bytes fingerprint) -> revoke(fingerprint);
        case Withdrawal.OfAccount(AccountId account) -> delete(account);
        case Withdrawal.OfCode _ -> {} // all codes die below
      }
    }
    endAllCodes();
    doubtAllCounters();
    JdbcHibernationStore.forgetAll(sql);
    for (AccountId account : changed) {
      AccountRows.raiseVersion(sql, account);
    }
    return new RestoreReport(accounts, devices, certificates, codes, clientKeys, unknown.size());
  }

  /// Its devices have lines of their own.
  private void delete(AccountId id) throws SQLException {
    Optional<Account> found =
        AccountRows.account(sql, id).filter(it -> it.status() != AccountStatus.DELETED);
    if (found.isPresent()) {
      AccountRows.update(sql, found.get().withStatus(AccountStatus.DELETED));
      accounts.add(id);
      record(id, EventKind.ACCOUNT_DELETED, Optional.empty(), Optional.empty());
    }
  }

  private void revoke(DeviceId id, long generation) throws SQLException {
    Optional<Device> found = AccountRows.device(sql, id);
    if (found.isEmpty() || found.get().generation() >= generation) {
      return;
    }
    Device device = found.get();
    AccountRows.put(
        sql,
        new Device(
            device.id(),
            device.account(),
            device.name(),
            DeviceStatus.REVOKED,
            generation,
            device.permissions(),
            device.resourceLock(),
            device.parent(),
            device.origin(),
            device.unbound(),
            device.firstSeen(),
            device.lastSeen()));
    for (Credential credential : credentials.of(sql, device.account())) {
      if (credential.device().filter(id::equals).isPresent()) {
        credentials.put(sql, credential.withStatus(CredentialStatus.REVOKED));
      }
    }
    devices.add(id);
    record(device.account(), EventKind.REVOKED, Optional.of(id), Optional.empty());
  }

  private void revoke(Bytes fingerprint) throws SQLException {
    // The log knows the certificate, not the account: it dies wherever it is listed.
    for (CredentialRows.Listing listing : credentials.listings(sql, fingerprint)) {
      Credential credential =
          credentials.of(sql, listing.account()).stream()
              .filter(listed -> listed.id().equals(listing.credential()))
              .findAny()
              .orElseThrow();
      if (credential.status() != CredentialStatus.REVOKED) {
        credentials.put(sql, credential.withStatus(CredentialStatus.REVOKED));
        certificates.add(credential.id());
        record(
            credential.account(),
            EventKind.REVOKED,
            credential.device(),
            Optional.of(credential.id()));
      }
    }
  }

  /// Nobody can tell which codes were given away, used or called back since the copy was made.
  private void endAllCodes() throws SQLException {
    for (AccountId account :
        sql.list(
            "SELECT DISTINCT account FROM credential WHERE kind = 'one-time'"
                + " AND status IN ('active', 'redeemed') ORDER BY account",
            row -> new AccountId(row.text("account")))) {
      for (Credential code : credentials.of(sql, account)) {
        if (code.verifier() instanceof Verifier.OneTime
            && (code.status() == CredentialStatus.ACTIVE
                || code.status() == CredentialStatus.REDEEMED)) {
          credentials.put(sql, code.withStatus(CredentialStatus.REVOKED));
          AccountRows.append(sql, new Withdrawal.OfCode(code.id()));
          codes.add(code.id());
          record(account, EventKind.TOKEN_DEAD, Optional.empty(), Optional.of(code.id()));
        }
      }
    }
  }

  /// Devices have counted on since the copy was made: each may once be far ahead.
  private void doubtAllCounters() throws SQLException {
    for (AccountId account :
        sql.list(
            "SELECT DISTINCT account FROM credential WHERE kind = 'client-key'"
                + " AND status = 'active' ORDER BY account",
            row -> new AccountId(row.text("account")))) {
      for (Credential credential : credentials.of(sql, account)) {
        if (credential.verifier() instanceof Verifier.ClientKey key
            && credential.status() == CredentialStatus.ACTIVE) {
          credentials.put(sql, credential.withVerifier(key.afterAbsence()));
          clientKeys.add(credential.id());
          record(
              account,
              EventKind.COUNTER_RESTORED,
              credential.device(),
              Optional.of(credential.id()));
        }
      }
    }
  }

  private void record(
      AccountId account,
      EventKind kind,
      Optional<DeviceId> device,
      Optional<CredentialId> credential)
      throws SQLException {
    changed.add(account);
    AccountRows.append(
        sql, new Event(0, account, at, kind, new Actor.Operator(), device, credential, REASON));
  }
}
