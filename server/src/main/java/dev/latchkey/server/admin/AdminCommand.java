// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.server.admin;

import java.util.Set;
import java.util.function.Consumer;

/// One command of the operator.
///
/// @param name its name
/// @param fields what a request may hold; anything else is refused, so that a newer command line is
///   not half understood
/// @param handler does it
public record AdminCommand(String name, Set<String> fields, Handler handler) {
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
