// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli;

/// A command was refused or failed. The message is a sentence with what to do.
public final class CommandException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /// Says it.
  public CommandException(String message) {
    super(message);
  }
}
