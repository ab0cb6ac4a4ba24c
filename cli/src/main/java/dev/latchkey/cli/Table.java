// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli;

import java.util.ArrayList;
import java.util.List;

/// Columns for the eye.
final class Table {
  private final List<List<String>> rows = new ArrayList<>();

  /// Begins with the headings.
  Table(String... headings) {
    rows.add(List.of(headings));
  }

  /// Adds a row with as many cells.
  void row(String... cells) {
    rows.add(List.of(cells));
  }

  /// Prints all; only the headings if there is no row.
  void print(Console console) {
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int column = 0; column < row.size(); column++) {
        line.append(row.get(column));
        int missing = width(column) - length(row.get(column));
        line.append(" ".repeat(missing + 2));
      }
      console.say(line.toString().stripTrailing());
    }
  }

  private int width(int column) {
    return rows.stream().mapToInt(row -> length(row.get(column))).max().orElse(0);
  }

  private static int length(String text) {
    return text.codePointCount(0, text.length());
  }
}
