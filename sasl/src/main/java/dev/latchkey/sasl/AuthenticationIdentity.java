// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl;

import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Domain;
import dev.latchkey.credential.InvalidJidException;
import dev.latchkey.credential.Jid;
import java.util.Optional;

/// Whose credential a client says it uses (RFC 4422 §2).
///
/// The name is not split: one that holds an at-sign is no localpart and stands for nobody (rule
/// 20).
///
/// @param authcid the name as the client sent it, not prepared
/// @param domain which the stream is to
public record AuthenticationIdentity(String authcid, Domain domain) {
  /// The account it stands for, whether there is one or not; nothing if the name can be nobody's.
  public Optional<AccountJid> account() {
    try {
      return Optional.of(new AccountJid(authcid, domain));
    } catch (InvalidJidException unpreparable) {
      return Optional.empty();
    }
  }

  /// Whether an address, its resource aside, is the account's.
  public boolean isAt(Jid address) {
    return address.account().filter(each -> account().equals(Optional.of(each))).isPresent();
  }
}
