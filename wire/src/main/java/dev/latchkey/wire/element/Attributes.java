// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.wire.element;

import com.google.errorprone.annotations.Immutable;
import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The attributes of an element, in the order they were given.
///
/// An element has few, and every stanza has some: names and values stand in one array that is
/// searched from its beginning, which costs a fraction of a hash table to make, to copy and to ask.
@Immutable
@SuppressWarnings("Immutable") // nobody writes to the array once it is here
final class Attributes extends AbstractMap<String, String> {
  static final Attributes NONE = new Attributes(new String[0]);

  /// A name, its value, the next name, ...
  private final String[] pairs;

  private Attributes(String[] pairs) {
    this.pairs = pairs;
  }

  /// @return where a name stands, or -1
  private static int find(String[] pairs, int length, Object name) {
    for (int i = 0; i < length; i += 2) {
      if (pairs[i].equals(name)) {
        return i;
      }
    }
    return -1;
  }

  @Override
  public @Nullable String get(@Nullable Object name) {
    int found = name == null ? -1 : find(pairs, pairs.length, name);
    return found < 0 ? null : pairs[found + 1];
  }

  @Override
  public boolean containsKey(@Nullable Object name) {
    return get(name) != null;
  }

  @Override
  public int size() {
    return pairs.length / 2;
  }

  /// The same with one set: where it stood, or behind the others.
  Attributes with(String name, String value) {
    int found = find(pairs, pairs.length, name);
    String[] changed = Arrays.copyOf(pairs, found < 0 ? pairs.length + 2 : pairs.length);
    int place = found < 0 ? pairs.length : found;
    changed[place] = name;
    changed[place + 1] = value;
    return new Attributes(changed);
  }

  /// The same without one.
  Attributes without(String name) {
    int found = find(pairs, pairs.length, name);
    if (found < 0) {
      return this;
    }
    String[] rest = Arrays.copyOf(pairs, pairs.length - 2);
    System.arraycopy(pairs, found + 2, rest, found, rest.length - found);
    return new Attributes(rest);
  }

  /// The name that stands at a place, counted from zero.
  String name(int place) {
    return pairs[2 * place];
  }

  /// The value that stands at a place, counted from zero.
  String value(int place) {
    return pairs[2 * place + 1];
  }

  @Override
  public Set<Entry<String, String>> entrySet() {
    return new AbstractSet<>() {
      @Override
      public int size() {
        return Attributes.this.size();
      }

      @Override
      public Iterator<Entry<String, String>> iterator() {
        return new Entries();
      }
    };
  }

  private final class Entries implements Iterator<Map.Entry<String, String>> {
    private int next;

    @Override
    public boolean hasNext() {
      return next < size();
    }

    @Override
    public Map.Entry<String, String> next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      return Map.entry(name(next), value(next++));
    }
  }

  /// Collects attributes. Not thread-safe.
  static final class Collector {
    private static final int ROOM = 8;

    private String[] pairs;
    private int length;

    /// Starts with some.
    Collector(Attributes begin) {
      length = begin.pairs.length;
      pairs = length == 0 ? NONE.pairs : begin.pairs.clone();
    }

    /// Sets one.
    void put(String name, String value) {
      int place = find(pairs, length, name);
      if (place < 0) {
        place = length;
        length += 2;
        if (length > pairs.length) {
          pairs = Arrays.copyOf(pairs, pairs.length + ROOM);
        }
      }
      pairs[place] = name;
      pairs[place + 1] = value;
    }

    /// What was collected.
    Attributes attributes() {
      return length == 0 ? NONE : new Attributes(Arrays.copyOf(pairs, length));
    }
  }
}
