// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.authority;

import dev.latchkey.credential.AccountSnapshot;
import dev.latchkey.credential.Resource;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/// What a request is judged against.
///
/// @param account the account that the certificate will be for, as it stands
/// @param resource the resource it will be locked to
/// @param now the time
/// @param keys the kinds of keys that may be signed here
public record EnrolmentContext(
    AccountSnapshot account, Optional<Resource> resource, Instant now, Set<KeyKind> keys) {
  /// Copies.
  public EnrolmentContext {
    keys = Set.copyOf(keys);
  }
}
