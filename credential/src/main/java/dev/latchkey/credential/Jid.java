// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.credential;

import com.google.errorprone.annotations.Immutable;
import java.util.Optional;

/// Any XMPP address (RFC 7622), prepared: two that mean the same are equal.
///
/// @param localpart the prepared localpart, if there is one
/// @param domain the domainpart
/// @param resource the resourcepart, if there is one
@Immutable
@SuppressWarnings("Immutable") // an Optional of an immutable value
public record Jid(Optional<String> localpart, Domain domain, Optional<Resource> resource) {
  /// Prepares the localpart.
  ///
  /// @throws InvalidJidException if it is none
  public Jid {
    localpart = localpart.map(JidPreparation::localpart);
  }

  /// Reads an address (RFC 7622 §3.1: the first slash, then the first at-sign before it).
  ///
  /// @throws InvalidJidException if the text is none
  public static Jid parse(String text) {
    int slash = text.indexOf('/');
    String bare = slash < 0 ? text : text.substring(0, slash);
    Optional<Resource> resource =
        slash < 0 ? Optional.empty() : Optional.of(new Resource(text.substring(slash + 1)));
    int at = bare.indexOf('@');
    Optional<String> localpart = at < 0 ? Optional.empty() : Optional.of(bare.substring(0, at));
    return new Jid(localpart, new Domain(bare.substring(at + 1)), resource);
  }

  /// Reads an address, or nothing if the text is none.
  public static Optional<Jid> tryParse(String text) {
    try {
      return Optional.of(parse(text));
    } catch (InvalidJidException notAJid) {
      return Optional.empty();
    }
  }

  /// The address of a domain.
  public static Jid of(Domain domain) {
    return new Jid(Optional.empty(), domain, Optional.empty());
  }

  /// The account this address is of, if it has a localpart.
  public Optional<AccountJid> account() {
    return localpart.map(local -> new AccountJid(local, domain));
  }

  /// Whether it has no resourcepart.
  public boolean isBare() {
    return resource.isEmpty();
  }

  /// Without the resourcepart.
  public Jid bare() {
    return resource.isEmpty() ? this : new Jid(localpart, domain, Optional.empty());
  }

  @Override
  public String toString() {
    // Written for every message, several times: one text is made, not one of each part before.
    String name = domain.name();
    if (localpart.isEmpty()) {
      return resource.isEmpty() ? name : name + "/" + resource.get().name();
    }
    String local = localpart.get();
    return resource.isEmpty()
        ? local + "@" + name
        : local + "@" + name + "/" + resource.get().name();
  }
}
