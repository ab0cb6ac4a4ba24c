// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.scram;

import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Domain;
import dev.latchkey.credential.InvalidJidException;
import dev.latchkey.credential.ScramHash;
import dev.latchkey.credential.Secret;

/// The salts of all accounts, known and unknown, computed from one key (rule 15): nobody can tell
/// by a salt whether there is an account, and an account keeps its salt for life (rule 14).
///
/// Immutable, thread-safe.
public final class ScramSalts {
  private static final int LENGTH = 16;
  private static final int ITERATIONS = ScramParameters.FEWEST_ITERATIONS;

  private final Secret saltKey;

  /// Computes with the given key.
  ///
  /// @param saltKey a secret of its own that never changes: with another one every stored verifier
  ///   is void
  /// @throws IllegalArgumentException if it has fewer than 32 octets
  public ScramSalts(Secret saltKey) {
    if (saltKey.reveal().length() < 32) {
      throw new IllegalArgumentException("a salt key has at least 32 octets");
    }
    this.saltKey = saltKey;
  }

  /// Salt and iterations for a name.
  ///
  /// @param domain the account's
  /// @param authcid the name as sent; it is prepared here, so that all spellings of one name have
  ///   one salt
  /// @param hash the mechanism's
  public ScramParameters parameters(Domain domain, String authcid, ScramHash hash) {
    Bytes salt =
        ScramHash.SHA_256
            .hmac(
                saltKey.reveal(),
                Bytes.lengthPrefixed(
                    Bytes.utf8(hash.word()),
                    Bytes.utf8(domain.name()),
                    Bytes.utf8(prepared(domain, authcid))))
            .slice(0, LENGTH);
    return new ScramParameters(salt, ITERATIONS);
  }

  /// Salt and iterations of an account.
  public ScramParameters parameters(AccountJid account, ScramHash hash) {
    return parameters(account.domain(), account.localpart(), hash);
  }

  private static String prepared(Domain domain, String authcid) {
    try {
      return new AccountJid(authcid, domain).localpart();
    } catch (InvalidJidException unpreparable) {
      return authcid; // rule 15: it has a salt like any other, and no account
    }
  }
}
