// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.bench;

import dev.latchkey.wire.tls.TlsProvider;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// Who does TLS in the servers that are measured.
final class ProviderOption {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec command = CommandSpec.create();

  @Option(
      names = "--provider",
      description = "who does TLS in the server: conscrypt or jsse (the best there is)")
  private Optional<TlsProvider> provider = Optional.empty();

  /// @throws ParameterException if it does not run here
  TlsProvider get() {
    TlsProvider asked = provider.orElseGet(TlsProvider::best);
    if (!asked.usable()) {
      throw new ParameterException(
          command.commandLine(), "Conscrypt does not run on this machine; use --provider jsse");
    }
    return asked;
  }
}
