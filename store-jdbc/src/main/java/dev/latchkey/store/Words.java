// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/// The values of an enum by their words in the database.
final class Words<E extends Enum<E>> {
  private final Class<E> type;
  private final Map<String, E> values;

  private Words(Class<E> type, Map<String, E> values) {
    this.type = type;
    this.values = values;
  }

  static <E extends Enum<E>> Words<E> of(Class<E> type, Function<E, String> word) {
    return new Words<>(
        type,
        Arrays.stream(type.getEnumConstants())
            .collect(Collectors.toUnmodifiableMap(word, value -> value)));
  }

  E value(String word) {
    E value = values.get(word);
    if (value == null) {
      throw new StoreException(
          "the database holds no %s: \"%s\"".formatted(type.getSimpleName(), word));
    }
    return value;
  }
}
