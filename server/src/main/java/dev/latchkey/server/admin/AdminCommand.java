// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.server.admin;

import java.time.Duration;
import java.util.Set;
import java.util.function.Consumer;

/// One command of the operator.
///
/// @param name its name
/// @param fields what a request may hold; anything else is refused, so that a newer command line is
///   not half understood
/// @param patience how long it may take
/// @param handler does it
public record AdminCommand(String name, Set<String> fields, Duration patience, Handler handler) {
  private static final Duration USUAL = Duration.ofMinutes(2);

  /// A command that does not take long.
  public AdminCommand(String name, Set<String> fields, Handler handler) {
    this(name, fields, USUAL, handler);
  }

  /// Copies.
  public AdminCommand {
    fields = Set.copyOf(fields);
  }

  /// Does a command. Runs on a virtual thread of its own and may wait.
  @FunctionalInterface
  public interface Handler {
    /// Does it.
    ///
    /// @param lines takes the answer's lines, in order
    /// @throws AdminException if it is not done
    void run(AdminRequest request, Consumer<JsonLine> lines) throws AdminException;
  }
}
