// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.credential;

import com.google.errorprone.annotations.Immutable;
import java.util.Optional;

/// The bare JID of an account: localpart and domainpart (RFC 7622), prepared.
///
/// @param localpart the prepared localpart
/// @param domain the domainpart
@Immutable
public record AccountJid(String localpart, Domain domain) {
  /// Prepares the localpart.
  ///
  /// @throws InvalidJidException if it is none
  public AccountJid {
    localpart = JidPreparation.localpart(localpart);
  }

  /// Reads a bare JID with a localpart.
  ///
  /// @throws InvalidJidException if the text is none
  public static AccountJid parse(String text) {
    Jid jid = Jid.parse(text);
    if (!jid.isBare()) {
      throw new InvalidJidException("the address of an account has no resourcepart");
    }
    return jid.account()
        .orElseThrow(() -> new InvalidJidException("the address of an account has a localpart"));
  }

  /// As an address.
  public Jid jid() {
    return new Jid(Optional.of(localpart), domain, Optional.empty());
  }

  /// The full JID of one of its resources.
  public Jid with(Resource resource) {
    return new Jid(Optional.of(localpart), domain, Optional.of(resource));
  }

  @Override
  public String toString() {
    return localpart + "@" + domain;
  }
}
