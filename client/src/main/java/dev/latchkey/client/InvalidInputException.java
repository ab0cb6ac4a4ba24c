// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

/// What a person or a program gave us is not in its form; nothing was tried.
public final class InvalidInputException extends ClientException {
  private static final long serialVersionUID = 1L;

  /// @param message what was expected; no secret part of the input is repeated
  public InvalidInputException(String message) {
    super(message);
  }
}
