// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.storage;

import dev.latchkey.credential.AccountId;
import dev.latchkey.wire.element.Element;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Private elements in memory. Thread-safe.
public final class InMemoryPrivateStore implements PrivateStore {
  private record Key(String name, String namespace) {}

  private final Map<AccountId, Map<Key, Element>> kept = new HashMap<>();

  @Override
  public synchronized Optional<Element> find(AccountId account, String name, String namespace) {
    return Optional.ofNullable(kept.getOrDefault(account, Map.of()).get(new Key(name, namespace)));
  }

  @Override
  public synchronized boolean put(AccountId account, List<Element> elements, int most) {
    Map<Key, Element> next = new HashMap<>(kept.getOrDefault(account, Map.of()));
    for (Element element : elements) {
      Key key = new Key(element.name(), element.namespace());
      if (element.nodes().isEmpty() && element.attributes().isEmpty()) {
        next.remove(key);
      } else {
        next.put(key, element);
      }
    }
    if (next.size() > most) {
      return false;
    }
    kept.put(account, next);
    return true;
  }

  @Override
  public synchronized void forget(AccountId account) {
    kept.remove(account);
  }
}
