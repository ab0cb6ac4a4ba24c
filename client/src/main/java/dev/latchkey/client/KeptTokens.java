// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// The tokens of a device, in the two slots that its server has too (XEP-0484): the one that has
/// signed in stays good until the newer one does. Immutable.
///
/// @param newer has not signed in yet, as far as is known here
/// @param current has signed in
record KeptTokens(Optional<KeptToken> newer, Optional<KeptToken> current) {
  static final KeptTokens NONE = new KeptTokens(Optional.empty(), Optional.empty());

  private static final String NEWER = "newer";
  private static final String CURRENT = "current";

  static KeptTokens read(Entries file) throws GeneralSecurityException {
    return new KeptTokens(KeptToken.read(file, NEWER), KeptToken.read(file, CURRENT));
  }

  Entries entries() {
    Entries file = new Entries();
    newer.ifPresent(token -> token.writeTo(file, NEWER));
    current.ifPresent(token -> token.writeTo(file, CURRENT));
    return file;
  }

  boolean isEmpty() {
    return newer.isEmpty() && current.isEmpty();
  }

  /// In the order in which they are tried: using the newer one ends the current one.
  List<KeptToken> all() {
    return Stream.of(newer, current).flatMap(Optional::stream).toList();
  }

  /// The same after the server has given one more: it takes the place of the newer one.
  KeptTokens plus(KeptToken given) {
    return new KeptTokens(Optional.of(given), current);
  }

  /// The same after this one has signed in. If that was the newer one, the current one is over.
  KeptTokens used(KeptToken token) {
    return newer.equals(Optional.of(token)) ? new KeptTokens(Optional.empty(), newer) : this;
  }

  /// The same without those that the server no longer takes.
  KeptTokens without(List<KeptToken> over) {
    return new KeptTokens(
        newer.filter(it -> !over.contains(it)), current.filter(it -> !over.contains(it)));
  }
}
