// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl;

import dev.latchkey.credential.AccountSnapshot;
import dev.latchkey.credential.AesGcmSealer;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Decoys;
import dev.latchkey.credential.MasterKey;
import dev.latchkey.credential.ScramVerifier;
import dev.latchkey.credential.Sealer;
import dev.latchkey.credential.Secret;
import dev.latchkey.credential.Verifier;
import java.util.List;
import java.util.random.RandomGenerator;

/// Seals what an account has, as a store does, and counts how often something is unsealed.
public final class CountingSealer implements Sealer {
  private final Sealer sealer;
  private int opened;

  /// @param random a source of keys and nonces
  public CountingSealer(RandomGenerator random) {
    this.sealer = new AesGcmSealer(List.of(MasterKey.draw(random)), random);
  }

  /// An account as a store reads it: nothing of it is unsealed yet.
  public AccountSnapshot read(AccountSnapshot account) {
    return new AccountSnapshot(
        account.account(),
        account.devices(),
        account.credentials().stream()
            .map(credential -> credential.withVerifier(sealed(credential.verifier())))
            .toList());
  }

  private Verifier sealed(Verifier verifier) {
    return switch (verifier) {
      case Verifier.Password(List<ScramVerifier> keys) -> new Verifier.Password(sealed(keys));
      case Verifier.OneTime code ->
          new Verifier.OneTime(
              sealed(code.keys()), code.grant(), code.redemption(), code.failedTasks());
      case Verifier.Fast token ->
          new Verifier.Fast(
              token.mechanism(), sealed(token.token()), token.userAgent(), token.used());
      case Verifier.ClientKey key ->
          new Verifier.ClientKey(
              key.clientId(),
              key.name(),
              sealed(key.encryptedSecret()),
              sealed(key.validator()),
              key.counter(),
              key.accepted(),
              key.restored());
      case Verifier.Certificate _, Verifier.AuthToken _ -> verifier;
    };
  }

  private List<ScramVerifier> sealed(List<ScramVerifier> keys) {
    return keys.stream().map(key -> ScramVerifier.ofKeys(key.hash(), sealed(key.keys()))).toList();
  }

  private Secret sealed(Secret secret) {
    return Secret.sealed(this, seal(secret, Bytes.EMPTY), Bytes.EMPTY);
  }

  /// Secrets of nobody's, sealed by it.
  public Decoys decoys() {
    return Decoys.sealedBy(this);
  }

  /// How often since this was asked last.
  public int taken() {
    int taken = opened;
    opened = 0;
    return taken;
  }

  @Override
  public Bytes seal(Secret plain, Bytes context) {
    return sealer.seal(plain, context);
  }

  @Override
  public Secret open(Bytes sealed, Bytes context) {
    opened++;
    return sealer.open(sealed, context);
  }

  @Override
  public boolean isCurrent(Bytes sealed) {
    return sealer.isCurrent(sealed);
  }
}
