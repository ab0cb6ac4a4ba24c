// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.MachineSecret;
import dev.latchkey.credential.ScramVerifier;
import java.util.List;

/// Makes what SCRAM checks proofs against. Thread-safe. Costs some thousand HMACs for each
/// verifier.
public interface ScramKeys {
  /// For a device password: one verifier for each hash, of the canonical form.
  List<ScramVerifier> ofPassword(AccountJid account, MachineSecret secret);

  /// For a one-time code: one verifier for each hash and each text form (rule 19).
  List<ScramVerifier> ofOneTimeCode(AccountJid account, MachineSecret secret);
}
