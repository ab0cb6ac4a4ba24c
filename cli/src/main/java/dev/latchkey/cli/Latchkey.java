// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli;

import dev.latchkey.client.ClientException;
import dev.latchkey.client.InvalidInputException;
import dev.latchkey.server.ConfigurationException;
import dev.latchkey.server.admin.AdminException;
import dev.latchkey.store.StoreException;
import dev.latchkey.store.folder.DataFolderException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/// The command line's entry. Exit codes: 0 done, 1 refused or failed, 2 wrong usage.
@Command(
    name = "latchkey",
    mixinStandardHelpOptions = true,
    versionProvider = Latchkey.Version.class,
    synopsisSubcommandLabel = "COMMAND",
    description = {
      "Every device of an XMPP account has its own key.",
      "",
      "./latchkey demo shows it in a minute; ./latchkey help COMMAND explains a command.",
      ""
    },
    subcommands = HelpCommand.class)
public final class Latchkey {
  private Latchkey() {}

  /// Runs one command and ends the process with its exit code.
  public static void main(String[] arguments) {
    System.exit(run(Console.ofThisProcess(), arguments));
  }

  /// Runs one command.
  ///
  /// @param console where it reads and prints
  /// @return the exit code
  public static int run(Console console, String... arguments) {
    CommandLine line = commands(console);
    line.setOut(console.outWriter());
    line.setErr(console.errWriter());
    line.setExecutionExceptionHandler(
        (failure, _, _) -> {
          Optional<String> known = sentence(failure);
          known.ifPresentOrElse(
              sentence -> sentence.lines().forEach(console::complain),
              () -> {
                console.complain("a fault in the program: " + failure);
                failure.printStackTrace(console.err());
              });
          return code(failure);
        });
    line.setParameterExceptionHandler(
        (wrong, _) -> {
          complainOfUsage(console, wrong);
          return CommandLine.ExitCode.USAGE;
        });
    return line.execute(arguments);
  }

  /// All commands, in the order of the help.
  static CommandLine commands(Console console) {
    List<Object> commands =
        List.of(
            new ServeCommand(console),
            new CheckConfigCommand(),
            new InviteCommand(console),
            new DevicesCommand(console),
            new RevokeCommand(console),
            new PasswordCommand(console),
            new AccountsCommand(console),
            new AccountCommand(console),
            new KickCommand(console),
            new AuditCommand(console),
            new StatusCommand(console),
            new BackupCommand(console),
            new RestoreCommand(console),
            new RotateMasterKeyCommand(console),
            new EnrolCommand(console),
            new MyCommand(console),
            new WhoamiCommand(console),
            new SendCommand(console),
            new ListenCommand(console),
            new DemoCommand(console));
    CommandLine line = new CommandLine(new Latchkey());
    commands.forEach(line::addSubcommand);
    line.setUsageHelpWidth(100);
    return line;
  }

  private static void complainOfUsage(Console console, ParameterException wrong) {
    console.complain(sentence(wrong));
    UnmatchedArgumentException.printSuggestions(wrong, console.errWriter());
    console.errWriter().flush();
    String command = wrong.getCommandLine().getCommandSpec().qualifiedName(" ");
    console.err().println("Try: ./" + command + " --help");
  }

  private static String sentence(ParameterException wrong) {
    if (!(wrong instanceof UnmatchedArgumentException unmatched) || unmatched.isUnknownOption()) {
      return String.valueOf(wrong.getMessage());
    }
    String first = unmatched.getUnmatched().getFirst();
    return wrong.getCommandLine().getSubcommands().isEmpty()
        ? "\"%s\" is one argument too many".formatted(first)
        : "there is no command \"%s\"".formatted(first);
  }

  /// What went wrong, said to a person; nothing if it is a fault of the program.
  private static Optional<String> sentence(Exception failure) {
    return switch (failure) {
      case ClientException _,
          ConfigurationException _,
          AdminException _,
          DataFolderException _,
          StoreException _,
          CommandException _ ->
          Optional.of(String.valueOf(failure.getMessage()));
      case IOException broken -> Optional.of(String.valueOf(broken.getMessage()));
      case UncheckedIOException broken ->
          Optional.of(broken.getMessage() + ": " + Objects.toString(broken.getCause(), ""));
      default -> Optional.empty();
    };
  }

  private static int code(Exception failure) {
    return switch (failure) {
      case AdminException refused -> refused.code();
      case InvalidInputException _ -> CommandLine.ExitCode.USAGE;
      default -> CommandLine.ExitCode.SOFTWARE;
    };
  }

  /// From the jar's manifest; a build without one says so.
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Latchkey.class.getPackage().getImplementationVersion();
      URL place = Latchkey.class.getResource("Latchkey.class");
      return new String[] {
        "latchkey " + (version == null ? "(not packaged: " + place + ")" : version)
      };
    }
  }
}
