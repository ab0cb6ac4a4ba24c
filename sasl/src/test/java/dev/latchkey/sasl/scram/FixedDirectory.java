// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.scram;

import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.DeviceId;
import dev.latchkey.credential.Domain;
import dev.latchkey.credential.ScramHash;
import dev.latchkey.credential.ScramVerifier;
import dev.latchkey.credential.Secret;
import dev.latchkey.sasl.Proof;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A directory that holds one account, and answers everybody with the same parameters.
final class FixedDirectory implements ScramDirectory {
  private final ScramParameters parameters;
  private final AccountJid account;
  private final List<ScramCandidate> candidates = new ArrayList<>();
  int reads;

  FixedDirectory(String account, ScramParameters parameters) {
    this.account = AccountJid.parse(account);
    this.parameters = parameters;
  }

  /// Adds a device password.
  FixedDirectory password(String id, String password) {
    return add(id, password, false);
  }

  /// Adds a one-time code.
  FixedDirectory code(String id, String code) {
    return add(id, code, true);
  }

  private FixedDirectory add(String id, String password, boolean oneTime) {
    for (ScramHash hash : ScramHash.values()) {
      candidates.add(
          new ScramCandidate(
              new AccountId("acct-1"),
              account,
              new CredentialId(id),
              oneTime
                  ? Optional.empty()
                  : Optional.of(new Proof.ProvenDevice(new DeviceId("dev-" + id), 3)),
              oneTime,
              ScramVerifier.ofSaltedPassword(
                  hash,
                  hash.saltedPassword(
                      Secret.ofText(password), parameters.salt(), parameters.iterations()))));
    }
    return this;
  }

  void clear() {
    candidates.clear();
  }

  @Override
  public ScramParameters parameters(Domain domain, String authcid, ScramHash hash) {
    return parameters;
  }

  @Override
  public List<ScramCandidate> candidates(Domain domain, String authcid, ScramHash hash) {
    reads++;
    return authcid.equals(account.localpart()) && domain.equals(account.domain())
        ? candidates.stream().filter(each -> each.verifier().hash() == hash).toList()
        : List.of();
  }
}
