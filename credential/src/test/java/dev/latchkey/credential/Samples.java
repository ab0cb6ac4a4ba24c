// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.credential;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/// Accounts, devices and credentials of random octets, for tests to begin with.
public final class Samples {
  /// When all of them were made; with all digits a clock may have.
  public static final Instant NOW = Instant.parse("2026-11-01T12:00:00.123456789Z");

  private final RandomGenerator random;

  /// Draws from the given randomness.
  public Samples(RandomGenerator random) {
    this.random = random;
  }

  /// An account.
  public Account account(String address) {
    return new Account(
        AccountId.draw(random), AccountJid.parse(address), AccountStatus.ACTIVE, 0, NOW);
  }

  /// An active device.
  public Device device(AccountId account) {
    return new Device(
        DeviceId.draw(random),
        account,
        "phone",
        DeviceStatus.ACTIVE,
        1,
        Permissions.ALL,
        Optional.empty(),
        Optional.empty(),
        DeviceOrigin.ONE_TIME,
        false,
        NOW,
        Optional.empty());
  }

  /// A credential.
  public Credential credential(AccountId account, Optional<DeviceId> device, Verifier verifier) {
    return new Credential(
        CredentialId.draw(random),
        account,
        device,
        CredentialStatus.ACTIVE,
        1,
        NOW,
        Optional.empty(),
        verifier);
  }

  /// A certificate of random octets.
  public Verifier.Certificate certificate() {
    return new Verifier.Certificate(
        octets(300), Optional.of(octets(200)), octets(32), Optional.of(octets(32)), true, false);
  }

  /// A code of random octets that gives nothing.
  public Verifier.OneTime code() {
    return new Verifier.OneTime(
        keys(),
        new Verifier.Grant(
            Optional.empty(),
            Permissions.NONE,
            Optional.empty(),
            Optional.empty(),
            Optional.empty()),
        Optional.empty(),
        0);
  }

  /// A FAST token that has not signed in.
  public Verifier.Fast fast() {
    return new Verifier.Fast("HT-SHA-256-EXPR", Secret.of(octets(43)), octets(32), false);
  }

  /// A client key at the counter 7.
  public Verifier.ClientKey clientKey() {
    return new Verifier.ClientKey(
        "client-" + octets(4).toHex(),
        "phone",
        Secret.of(octets(32)),
        Secret.of(octets(32)),
        7,
        0b101,
        false);
  }

  /// An X-TOKEN.
  public Verifier.AuthToken authToken() {
    return new Verifier.AuthToken(octets(32), "Xabber Web", "PC, Firefox");
  }

  /// Verifiers of random octets, two forms for each hash.
  public List<ScramVerifier> keys() {
    List<ScramVerifier> keys = new ArrayList<>();
    for (ScramHash hash : ScramHash.values()) {
      for (int form = 0; form < 2; form++) {
        keys.add(new ScramVerifier(hash, octets(hash.length()), Secret.of(octets(hash.length()))));
      }
    }
    return keys;
  }

  /// Random octets.
  public Bytes octets(int length) {
    return Bytes.random(length, random);
  }

  /// A line of history.
  public Event event(AccountId account, Actor actor, Optional<String> reason) {
    return new Event(
        0,
        account,
        NOW,
        EventKind.ADDED,
        actor,
        Optional.of(DeviceId.draw(random)),
        Optional.of(CredentialId.draw(random)),
        reason);
  }
}
