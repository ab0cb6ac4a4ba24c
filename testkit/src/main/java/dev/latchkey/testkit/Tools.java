// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.testkit;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/// The one way to skip a test: the tool it needs is not installed. Loud, and an error where
/// `-Dlatchkey.strict=true` says that everything must run.
public final class Tools {
  private Tools() {}

  /// The path of a program, or the test is skipped.
  public static Path program(String name, String debianPackage) {
    for (String folder : System.getenv("PATH").split(":", -1)) {
      Path program = Path.of(folder, name);
      if (Files.isExecutable(program)) {
        return program;
      }
    }
    throw missing(name, debianPackage);
  }

  /// The path of a file that a package installs, or the test is skipped.
  public static Path file(Path file, String debianPackage) {
    if (Files.exists(file)) {
      return file;
    }
    throw missing(file.toString(), debianPackage);
  }

  private static RuntimeException missing(String what, String debianPackage) {
    return without(what + " is missing; install it with: apt-get install " + debianPackage);
  }

  /// Skips the test for want of something that no package brings.
  ///
  /// @param why what is missing, and what to do about it
  /// @return never
  public static RuntimeException without(String why) {
    String message = "SKIPPED: " + why;
    if (Boolean.getBoolean("latchkey.strict")) {
      throw new AssertionError(message);
    }
    System.err.println(message);
    Assumptions.abort(message);
    throw new AssertionError("abort returned");
  }
}
