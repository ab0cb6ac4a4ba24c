// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.storage;

import dev.latchkey.credential.AccountId;
import dev.latchkey.wire.element.Element;
import java.util.List;
import java.util.Optional;

/// The door to where elements of an account are kept, one for each name and namespace. Thread-safe;
/// calls block, and what was written is durable when they return.
public interface PrivateStore {
  /// The element kept under a name and namespace.
  Optional<Element> find(AccountId account, String name, String namespace);

  /// Keeps elements in place of those of the same names, all or none. One with nothing in it, not
  /// even an attribute, is not kept, and the place of the old one is free.
  ///
  /// @param most so many may be kept of the account then
  /// @return whether there was room; if not, nothing is written
  boolean put(AccountId account, List<Element> elements, int most);

  /// Removes all that is kept of an account.
  void forget(AccountId account);
}
