// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.scram;

import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.MachineSecret;
import dev.latchkey.credential.ScramHash;
import dev.latchkey.credential.ScramVerifier;
import dev.latchkey.credential.Secret;
import java.util.ArrayList;
import java.util.List;

/// Makes what the server keeps of a machine-made secret: verifiers for every hash that is offered
/// (rule 20), under the salts of the account.
///
/// Immutable, thread-safe. Costly: thousands of HMACs for each verifier.
public final class ScramSecrets {
  private final ScramSalts salts;

  /// Makes verifiers under the given salts.
  ///
  /// @param salts those that sign-in announces
  public ScramSecrets(ScramSalts salts) {
    this.salts = salts;
  }

  /// Of a device password: one verifier for each hash, of the form without hyphens (rule 15).
  public List<ScramVerifier> ofDevicePassword(AccountJid account, MachineSecret secret) {
    return verifiers(account, List.of(secret.canonical()));
  }

  /// Of a one-time code: one verifier for each hash and text form, since a stock client sends what
  /// the person typed, hyphens too (rule 19).
  public List<ScramVerifier> ofCode(AccountJid account, MachineSecret secret) {
    return verifiers(account, List.of(secret.canonical(), secret.printed()));
  }

  private List<ScramVerifier> verifiers(AccountJid account, List<Secret> forms) {
    List<ScramVerifier> verifiers = new ArrayList<>();
    for (ScramHash hash : ScramHash.values()) {
      ScramParameters parameters = salts.parameters(account, hash);
      for (Secret form : forms) {
        verifiers.add(
            ScramVerifier.ofSaltedPassword(
                hash, hash.saltedPassword(form, parameters.salt(), parameters.iterations())));
      }
    }
    return verifiers;
  }
}
