// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.server;

import dev.latchkey.testkit.Tools;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Certificates as an operator has them: made by `openssl`.
final class OpenSsl {
  private OpenSsl() {}

  /// A self-signed certificate for `chat.example` and its key.
  static Configuration.TlsFiles selfSigned(Path folder, String name, String... key)
      throws Exception {
    Path chain = folder.resolve(name + ".crt");
    Path secret = folder.resolve(name + ".key");
    List<String> arguments =
        new ArrayList<>(
            List.of("req", "-x509", "-nodes", "-subj", "/CN=chat.example", "-days", "30"));
    arguments.addAll(List.of("-addext", "subjectAltName=DNS:chat.example"));
    arguments.addAll(List.of("-keyout", secret.toString(), "-out", chain.toString(), "-newkey"));
    arguments.addAll(List.of(key));
    run(arguments);
    return new Configuration.TlsFiles(chain, secret);
  }

  static String run(List<String> arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Tools.program("openssl", "openssl").toString());
    command.addAll(arguments);
    Path output = Files.createTempFile("openssl", ".txt");
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      if (process.waitFor() != 0) {
        throw new AssertionError(Files.readString(output));
      }
      return Files.readString(output);
    } finally {
      Files.delete(output);
    }
  }
}
