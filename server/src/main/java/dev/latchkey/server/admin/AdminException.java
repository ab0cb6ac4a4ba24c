// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.server.admin;

/// A command was not done. The message is a sentence for the operator: what is wrong, what to do.
public final class AdminException extends Exception {
  private static final long serialVersionUID = 1L;

  private final int code;

  private AdminException(int code, String message) {
    super(message);
    this.code = code;
  }

  /// It was refused or failed.
  public static AdminException refused(String message) {
    return new AdminException(1, message);
  }

  /// It was asked for wrongly.
  public static AdminException usage(String message) {
    return new AdminException(2, message);
  }

  static AdminException of(int code, String message) {
    return new AdminException(code, message);
  }

  /// The exit code of the command: 1 refused or failed, 2 wrong usage.
  public int code() {
    return code;
  }
}
