// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.scram;

import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.AccountSnapshot;
import dev.latchkey.credential.Credential;
import dev.latchkey.credential.Device;
import dev.latchkey.credential.DeviceStatus;
import dev.latchkey.credential.Domain;
import dev.latchkey.credential.SampleAccount;
import dev.latchkey.credential.ScramHash;
import dev.latchkey.credential.ScramVerifier;
import dev.latchkey.credential.Secret;
import dev.latchkey.credential.Verifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// A directory that holds one account, and answers everybody with the same parameters.
final class FixedDirectory implements ScramDirectory {
  private final ScramParameters parameters;
  private final SampleAccount account;
  private final List<ScramCandidate> candidates = new ArrayList<>();
  int reads;

  FixedDirectory(String account, ScramParameters parameters) {
    this.account = new SampleAccount(account);
    this.parameters = parameters;
  }

  /// Adds a device password.
  FixedDirectory password(String id, String password) {
    Device device = account.device(id, DeviceStatus.ACTIVE, 3);
    List<ScramVerifier> keys = verifiers(password);
    return add(account.credential(id, device, new Verifier.Password(keys)), keys);
  }

  /// Adds a one-time code.
  FixedDirectory code(String id, String code) {
    List<ScramVerifier> keys = verifiers(code);
    return add(account.code(id, SampleAccount.codeOf(keys, Optional.empty())), keys);
  }

  private FixedDirectory add(Credential credential, List<ScramVerifier> keys) {
    AccountSnapshot snapshot = account.snapshot();
    keys.forEach(key -> candidates.add(new ScramCandidate(snapshot, credential, key)));
    return this;
  }

  private List<ScramVerifier> verifiers(String password) {
    return Arrays.stream(ScramHash.values())
        .map(
            hash ->
                ScramVerifier.ofSaltedPassword(
                    hash,
                    hash.saltedPassword(
                        Secret.ofText(password), parameters.salt(), parameters.iterations())))
        .toList();
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
    AccountJid held = account.snapshot().account().jid();
    return authcid.equals(held.localpart()) && domain.equals(held.domain())
        ? candidates.stream().filter(each -> each.verifier().hash() == hash).toList()
        : List.of();
  }
}
