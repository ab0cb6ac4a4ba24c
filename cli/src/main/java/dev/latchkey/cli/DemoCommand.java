// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.latchkey.cli.demo.Demo;
import dev.latchkey.cli.demo.Step;
import dev.latchkey.server.admin.JsonLine;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/// `demo`: the whole promise in a temporary folder.
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description = {
      "Shows the whole promise in a temporary folder: a server, two devices, a revocation, and what"
          + " is refused.",
      "Each step is judged by what came over the wire; the exit code is 0 only if each did what it"
          + " should."
    })
final class DemoCommand implements Callable<Integer> {
  private final Console console;

  @Option(
      names = "--break",
      paramLabel = "STEP",
      converter = StepConverter.class,
      description =
          "Takes the part of the server out that STEP is about: the demo must then fail. Steps: "
              + "serve, invite, enrol, add, enrol-second, sign-in, messages, resume, revoke,"
              + " used-code, foreign-name, foreign-certificate, revoked-certificate.")
  private Optional<Step> broken = Optional.empty();

  @Option(names = "--json", description = "One JSON object a step.")
  private boolean json;

  DemoCommand(Console console) {
    this.console = console;
  }

  /// Reads the name of a step.
  static final class StepConverter implements picocli.CommandLine.ITypeConverter<Step> {
    @Override
    public Step convert(String word) {
      return Step.of(word)
          .orElseThrow(
              () ->
                  new TypeConversionException(
                      "'%s' is no step; steps are %s"
                          .formatted(
                              word,
                              Arrays.stream(Step.values())
                                  .map(Step::word)
                                  .collect(Collectors.joining(", ")))));
    }
  }

  @Override
  public Integer call() throws IOException {
    quietServer();
    Path folder = Files.createTempDirectory("latchkey-demo");
    List<Demo.Result> results = new ArrayList<>();
    boolean whole;
    try (Demo demo = new Demo(folder, broken)) {
      whole =
          demo.play(
              step -> console.progress(step.title() + " ..."),
              result -> {
                results.add(result);
                if (json) {
                  console.say(line(result));
                }
              });
    } finally {
      remove(folder);
    }
    if (!json) {
      print(results, whole);
    }
    return whole ? 0 : 1;
  }

  /// The demo tells what happens; what the server logs of it would only stand in between.
  private static void quietServer() {
    if (LoggerFactory.getLogger("dev.latchkey") instanceof Logger logger) {
      logger.setLevel(Level.WARN);
    }
  }

  private static JsonLine line(Demo.Result result) {
    return new JsonLine()
        .with("step", result.step().word())
        .with("ok", result.fault().isEmpty())
        .with("ms", result.took().toMillis())
        .with("fault", result.fault());
  }

  private void print(List<Demo.Result> results, boolean whole) {
    Table table = new Table("STEP", "WHAT", "TIME", "");
    Duration all = Duration.ZERO;
    for (Demo.Result result : results) {
      all = all.plus(result.took());
      table.row(
          result.step().word(),
          result.step().title(),
          "%d ms".formatted(result.took().toMillis()),
          result.fault().map(fault -> "FAILED: " + fault).orElse("ok"));
    }
    table.print(console);
    console.say("");
    console.say(
        whole
            ? "All %d steps did what they should, in %s s.".formatted(results.size(), seconds(all))
            : "The demo failed at the step %s: %s"
                .formatted(
                    results.getLast().step().word(), results.getLast().fault().orElseThrow()));
  }

  private static String seconds(Duration time) {
    return String.format(Locale.ROOT, "%.1f", time.toMillis() / 1000.0);
  }

  private static void remove(Path folder) throws IOException {
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failed)
              throws IOException {
            Files.delete(visited);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
