// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Holds the documents of our own protocols to their schemas.
final class ProtocolDocumentsTest {
  private static final Pattern BLOCK = Pattern.compile("```xml\n(.*?)```", Pattern.DOTALL);
  private static final Pattern EXAMPLE = Pattern.compile("(?m)^\\*\\*Example (\\d+)\\. .+\\*\\*$");
  private static final Pattern NAMESPACE = Pattern.compile("\\| Namespace \\| `([^`]+)` \\|");
  private static final ProtocolSchemas SCHEMAS = ProtocolSchemas.read();

  static Stream<Path> documents() throws IOException {
    try (Stream<Path> files = Files.list(ProtocolSchemas.documents())) {
      return files
          .filter(file -> file.toString().endsWith(".md"))
          .filter(file -> !file.endsWith("README.md"))
          .sorted()
          .toList()
          .stream();
    }
  }

  /// Those of namespaces of our own; the others say what is added to other people's protocols.
  static Stream<Path> namespaces() throws IOException {
    return documents().filter(file -> !file.endsWith("client-key.md"));
  }

  private static List<String> blocks(Path document) throws IOException {
    return BLOCK.matcher(Files.readString(document)).results().map(r -> r.group(1)).toList();
  }

  private static boolean isSchema(String block) {
    return block.contains("<xs:schema");
  }

  @Test
  void thereIsOneDocumentForEachNamespace() throws IOException {
    assertThat(namespaces().map(file -> file.getFileName().toString()))
        .containsExactly("cred.md", "csr.md", "events.md", "onetime.md", "perm.md");
  }

  @ParameterizedTest
  @MethodSource("documents")
  void everyExampleKeepsToTheSchemas(Path document) throws IOException {
    List<String> examples = blocks(document).stream().filter(block -> !isSchema(block)).toList();
    assertThat(examples).isNotEmpty();
    for (String example : examples) {
      assertThat(SCHEMAS.validate(example)).as(example).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("documents")
  void examplesAreNumbered(Path document) throws IOException {
    List<Integer> numbers =
        EXAMPLE
            .matcher(Files.readString(document))
            .results()
            .map(found -> Integer.valueOf(found.group(1)))
            .toList();
    assertThat(numbers)
        .hasSize((int) blocks(document).stream().filter(block -> !isSchema(block)).count());
    for (int i = 0; i < numbers.size(); i++) {
      assertThat(numbers.get(i)).isEqualTo(i + 1);
    }
  }

  @ParameterizedTest
  @MethodSource("namespaces")
  void schemaInTheDocumentIsTheOneInTheFile(Path document) throws IOException {
    String topic = document.getFileName().toString().replace(".md", "");
    String text = Files.readString(document);
    Matcher namespace = NAMESPACE.matcher(text);
    assertThat(namespace.find()).isTrue();
    assertThat(namespace.group(1)).isEqualTo("urn:latchkey:" + topic + ":0");
    String file =
        Files.readString(ProtocolSchemas.documents().resolve("schemas").resolve(topic + ".xsd"))
            .replace("<!-- SPDX-License-Identifier: Apache-2.0 -->\n", "");
    assertThat(blocks(document).stream().filter(ProtocolDocumentsTest::isSchema))
        .containsExactly(file);
    assertThat(file).contains("targetNamespace=\"" + namespace.group(1) + "\"");
  }

  @ParameterizedTest
  @MethodSource("namespaces")
  void everyElementOfTheSchemaHasAnExample(Path document) throws IOException {
    List<String> blocks = blocks(document);
    String schema = blocks.stream().filter(ProtocolDocumentsTest::isSchema).findAny().orElseThrow();
    String all = allExamples();
    Pattern.compile("(?m)^  <xs:element name=\"([^\"]+)\"")
        .matcher(schema)
        .results()
        .forEach(element -> assertThat(all).contains("<" + element.group(1)));
  }

  private static String allExamples() throws IOException {
    StringBuilder all = new StringBuilder();
    for (Path document : documents().toList()) {
      blocks(document).stream().filter(block -> !isSchema(block)).forEach(all::append);
    }
    return all.toString();
  }

  @ParameterizedTest
  @MethodSource("documents")
  void linksLeadSomewhere(Path document) throws IOException {
    Pattern.compile("\\]\\(([^)#]+)\\)")
        .matcher(Files.readString(document))
        .results()
        .forEach(
            link -> assertThat(ProtocolSchemas.documents().resolve(link.group(1))).isRegularFile());
  }
}
