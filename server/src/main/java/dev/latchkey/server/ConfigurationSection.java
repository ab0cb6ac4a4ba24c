// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.server;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tomlj.TomlArray;
import org.tomlj.TomlPosition;
import org.tomlj.TomlTable;

/// One table of the file. Asking for a key is what makes it known: [#close] complains about every
/// key that nobody asked for.
///
/// Problems are collected, and reading goes on with the default.
final class ConfigurationSection implements AutoCloseable {
  private static final Pattern SIZE = Pattern.compile("([0-9]{1,9})( ?)(|B|KiB|MiB|GiB)");

  private final TomlTable table;
  private final String path;
  private final String file;
  private final List<String> problems;
  private final Set<String> known = new LinkedHashSet<>();
  private final Set<String> asked;

  /// @param path the table's name and a dot, or nothing for the top
  /// @param file how the file is called in problems
  /// @param problems where they go
  /// @param asked collects the full names of all keys that were asked for
  ConfigurationSection(
      TomlTable table, String path, String file, List<String> problems, Set<String> asked) {
    this.table = table;
    this.path = path;
    this.file = file;
    this.problems = problems;
    this.asked = asked;
  }

  /// Text, as something else.
  ///
  /// @param reader nothing if the text is wrong
  /// @param form what is allowed, for the problem
  <T> Optional<T> text(String key, String form, Function<String, Optional<T>> reader) {
    return value(
        key,
        form,
        (found, _) -> found instanceof String text ? reader.apply(text) : Optional.empty());
  }

  boolean flag(String key, boolean standard) {
    return this.<Boolean>value(
            key,
            "true or false",
            (found, _) -> found instanceof Boolean flag ? Optional.of(flag) : Optional.empty())
        .orElse(standard);
  }

  int number(String key, int least, int most, int standard) {
    return this.<Integer>value(
            key,
            "a number from %d to %d".formatted(least, most),
            (found, _) ->
                found instanceof Long number && number >= least && number <= most
                    ? Optional.of(number.intValue())
                    : Optional.empty())
        .orElse(standard);
  }

  Duration duration(String key, Duration least, Duration most, Duration standard) {
    return text(
            key,
            "a time from %s to %s, such as \"%s\""
                .formatted(
                    DurationText.of(least), DurationText.of(most), DurationText.of(standard)),
            text ->
                DurationText.parse(text)
                    .filter(time -> time.compareTo(least) >= 0 && time.compareTo(most) <= 0))
        .orElse(standard);
  }

  /// Octets.
  long size(String key, long least, long most, long standard) {
    return text(
            key,
            "a size in octets from %s to %s, such as \"%s\""
                .formatted(writeSize(least), writeSize(most), writeSize(standard)),
            text -> readSize(text).filter(size -> size >= least && size <= most))
        .orElse(standard);
  }

  /// A list of text, each as something else, none twice, at least one.
  <T> List<T> list(
      String key, String form, Function<String, Optional<T>> reader, List<T> standard) {
    return this.<List<T>>value(
            key,
            form,
            (found, _) -> {
              if (!(found instanceof TomlArray array) || array.isEmpty()) {
                return Optional.empty();
              }
              Set<T> values = new LinkedHashSet<>();
              for (Object element : array.toList()) {
                Optional<T> value =
                    element instanceof String text ? reader.apply(text) : Optional.empty();
                if (value.isEmpty() || !values.add(value.get())) {
                  return Optional.empty();
                }
              }
              return Optional.of(List.copyOf(values));
            })
        .orElse(standard);
  }

  /// A table in this one; an empty one if it is not there.
  ConfigurationSection section(String key, TomlTable absent) {
    TomlTable inner =
        this.<TomlTable>value(
                key,
                "a table: [%s%s]".formatted(path, key),
                (found, _) -> found instanceof TomlTable t ? Optional.of(t) : Optional.empty())
            .orElse(absent);
    return new ConfigurationSection(inner, path + key + ".", file, problems, asked);
  }

  /// The tables of `[[key]]`.
  List<ConfigurationSection> sections(String key) {
    return this.<List<ConfigurationSection>>value(
            key,
            "tables: [[%s%s]]".formatted(path, key),
            (found, _) -> {
              if (!(found instanceof TomlArray array)) {
                return Optional.empty();
              }
              List<ConfigurationSection> sections = new ArrayList<>();
              for (Object element : array.toList()) {
                if (!(element instanceof TomlTable inner)) {
                  return Optional.empty();
                }
                sections.add(
                    new ConfigurationSection(inner, path + key + ".", file, problems, asked));
              }
              return Optional.of(sections);
            })
        .orElse(List.of());
  }

  boolean has(String key) {
    return table.contains(List.of(key));
  }

  /// Adds a problem about the value of a key.
  void problem(String key, String text) {
    problems.add(where(key) + text);
  }

  private <T> Optional<T> value(
      String key, String form, BiFunction<Object, String, Optional<T>> reader) {
    known.add(key);
    asked.add(path + key);
    Object found = table.get(List.of(key));
    if (found == null) {
      return Optional.empty();
    }
    Optional<T> value = reader.apply(found, key);
    if (value.isEmpty()) {
      String shown =
          switch (found) {
            case String text -> '"' + text + '"';
            case TomlArray array -> array.toJson().replaceAll("\\s+", " ").strip();
            case TomlTable _ -> "a table";
            default -> found.toString();
          };
      problem(key, "%s is not allowed: give %s.".formatted(shown, form));
    }
    return value;
  }

  private String where(String key) {
    TomlPosition position = table.inputPositionOf(List.of(key));
    return "%s%s %s%s: ".formatted(file, position == null ? "" : ":" + position.line(), path, key);
  }

  /// Complains about keys that nobody asked for.
  @Override
  public void close() {
    for (String key : table.keySet()) {
      if (!known.contains(key)) {
        String nearest =
            known.stream()
                .min(Comparator.comparingInt(candidate -> distance(key, candidate)))
                .orElse("");
        problem(key, "there is no such key; the nearest is \"%s%s\".".formatted(path, nearest));
      }
    }
  }

  /// Levenshtein's.
  static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[b.length()];
  }

  private static Optional<Long> readSize(String text) {
    Matcher matcher = SIZE.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    long unit =
        switch (matcher.group(3)) {
          case "KiB" -> 1L << 10;
          case "MiB" -> 1L << 20;
          case "GiB" -> 1L << 30;
          default -> 1L;
        };
    return Optional.of(Long.parseLong(matcher.group(1)) * unit);
  }

  /// Writes one in the largest unit that is exact.
  private static String writeSize(long octets) {
    if (octets % (1L << 30) == 0) {
      return (octets >> 30) + "GiB";
    }
    if (octets % (1L << 20) == 0) {
      return (octets >> 20) + "MiB";
    }
    return octets % (1L << 10) == 0 ? (octets >> 10) + "KiB" : Long.toString(octets);
  }
}
