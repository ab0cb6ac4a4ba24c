// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.server;

import java.util.List;

/// The configuration cannot be used. Its message has a line for each problem: where, what was
/// found, what is allowed, what to do.
public final class ConfigurationException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  @SuppressWarnings("serial") // a list of strings, copied
  private final List<String> problems;

  /// Holds all problems at once.
  ///
  /// @param problems a line each, at least one
  public ConfigurationException(List<String> problems) {
    super(String.join("\n", problems));
    this.problems = List.copyOf(problems);
  }

  /// A line each.
  public List<String> problems() {
    return problems;
  }
}
