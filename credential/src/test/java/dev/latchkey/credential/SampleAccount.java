// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.credential;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// An account for tests that need one: built row by row, all rows of one moment.
public final class SampleAccount {
  /// When all of it was made.
  public static final Instant CREATED = Instant.parse("2026-11-01T12:00:00Z");

  private final AccountJid jid;
  private final AccountId id;
  private AccountStatus status = AccountStatus.ACTIVE;
  private final List<Device> devices = new ArrayList<>();
  private final List<Credential> credentials = new ArrayList<>();

  /// An active account without devices.
  public SampleAccount(String jid) {
    this(jid, "acct-" + jid);
  }

  /// The same with an id of its own.
  public SampleAccount(String jid, String id) {
    this.jid = AccountJid.parse(jid);
    this.id = new AccountId(id);
  }

  /// Changes the account's status.
  public SampleAccount status(AccountStatus status) {
    this.status = status;
    return this;
  }

  /// Adds a device with all flags.
  public Device device(String name, DeviceStatus status, long generation) {
    Device device =
        new Device(
            new DeviceId("dev-" + name),
            id,
            name,
            status,
            generation,
            Permissions.ALL,
            Optional.empty(),
            Optional.empty(),
            DeviceOrigin.ONE_TIME,
            false,
            CREATED,
            Optional.empty());
    devices.add(device);
    return device;
  }

  /// Adds an active credential of a device, made at the device's generation, good for a day.
  public Credential credential(String name, Device device, Verifier verifier) {
    return add(
        new Credential(
            new CredentialId("cred-" + name),
            id,
            Optional.of(device.id()),
            CredentialStatus.ACTIVE,
            device.generation(),
            CREATED,
            Optional.of(CREATED.plus(Duration.ofDays(1))),
            verifier));
  }

  /// Adds an active one-time code, good for ten minutes.
  public Credential code(String name, Verifier.OneTime verifier) {
    return add(
        new Credential(
            new CredentialId("cred-" + name),
            id,
            Optional.empty(),
            CredentialStatus.ACTIVE,
            0,
            CREATED,
            Optional.of(CREATED.plus(Duration.ofMinutes(10))),
            verifier));
  }

  /// Adds a credential as it is.
  public Credential add(Credential credential) {
    credentials.add(credential);
    return credential;
  }

  /// Puts a changed row in the place of the one with its id.
  public void replace(Credential changed) {
    credentials.replaceAll(each -> each.id().equals(changed.id()) ? changed : each);
  }

  /// A code's verifier.
  public static Verifier.OneTime codeOf(
      List<ScramVerifier> keys, Optional<Verifier.Issuer> issuer) {
    return new Verifier.OneTime(
        keys,
        new Verifier.Grant(
            Optional.of("Phone"), Permissions.ALL, Optional.empty(), Optional.empty(), issuer),
        Optional.empty(),
        0);
  }

  /// A certificate's verifier; the octets are not a certificate.
  public static Verifier.Certificate certificateOf(Bytes der, boolean proven) {
    return new Verifier.Certificate(
        der, Optional.empty(), der.sha256(), Optional.empty(), proven, proven);
  }

  /// What has been built so far.
  public AccountSnapshot snapshot() {
    return new AccountSnapshot(new Account(id, jid, status, 7, CREATED), devices, credentials);
  }
}
