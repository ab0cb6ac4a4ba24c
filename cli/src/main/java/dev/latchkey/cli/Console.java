// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.latchkey.server.admin.JsonLine;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/// Where a command reads and prints. Answers go to `out`, everything else to `err`.
///
/// A line for the eye may hold what others wrote, other users or a server. SECURITY: whatever in it
/// could steer a terminal, or turn around what stands before it, is shown as `?`.
///
/// @param in what was piped in
/// @param out answers, UTF-8
/// @param err complaints, notes and progress
/// @param terminal whether a person looks at `out`
public record Console(InputStream in, PrintStream out, PrintStream err, boolean terminal) {
  /// The process's own.
  @SuppressWarnings("SystemConsoleNull") // JDK 25 has none again where input is redirected
  public static Console ofThisProcess() {
    java.io.Console console = System.console();
    return new Console(
        System.in,
        new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8),
        new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8),
        console != null && console.isTerminal());
  }

  /// The same without control characters (C1, too: U+009B begins a sequence as ESC and a bracket
  /// do) and without those that format (bidirectional overrides).
  static String printable(String line) {
    return line.replaceAll("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]", "?");
  }

  /// A line of an answer.
  void say(String line) {
    out.println(printable(line));
  }

  /// A line of `--json`.
  void say(JsonLine line) {
    out.println(line);
  }

  /// A line of `--json`.
  void say(JsonNode line) {
    out.println(line);
  }

  /// Something a person should know that is no part of the answer.
  void note(String line) {
    err.println(printable(line));
  }

  /// What is going on; a pipe does not see it.
  void progress(String line) {
    if (terminal) {
      err.println(printable(line));
    }
  }

  /// What went wrong.
  void complain(String sentence) {
    err.println("latchkey: " + printable(sentence));
  }

  /// Asks the person at the terminal.
  ///
  /// @return whether the answer is yes; no answer is a no
  boolean confirms(String question) {
    err.print(printable(question) + " [y/N] ");
    err.flush();
    try {
      String line =
          new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8)).readLine();
      return line != null && line.strip().toLowerCase(Locale.ROOT).matches("y|yes");
    } catch (IOException broken) {
      return false;
    }
  }

  /// The first line of what was piped in, or what the person at the terminal types.
  ///
  /// @param what it is, as it is asked for
  /// @throws CommandException if there is none
  String readLine(String what) {
    if (terminal) {
      err.print(what + ": ");
      err.flush();
    }
    try {
      String line =
          new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8)).readLine();
      if (line == null || line.isBlank()) {
        throw new CommandException("standard input is empty: pipe %s into it.".formatted(what));
      }
      return line.strip();
    } catch (IOException broken) {
      throw new CommandException("standard input cannot be read: " + broken.getMessage());
    }
  }

  PrintWriter outWriter() {
    return new PrintWriter(out, true, StandardCharsets.UTF_8);
  }

  PrintWriter errWriter() {
    return new PrintWriter(err, true, StandardCharsets.UTF_8);
  }
}
