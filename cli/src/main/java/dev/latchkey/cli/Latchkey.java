// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli;

/// The command line's entry.
public final class Latchkey {
  private Latchkey() {}

  /// Runs one command.
  public static void main(String[] arguments) {
    System.out.println("hello " + String.join(" ", arguments));
  }
}
