// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli;

import dev.latchkey.client.Enrolment;
import dev.latchkey.credential.CredentialKind;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// Reads what a device can be enrolled with.
final class KindConverter implements ITypeConverter<CredentialKind> {
  @Override
  public CredentialKind convert(String word) {
    return Enrolment.KINDS.stream()
        .filter(kind -> kind.word().equals(word))
        .findAny()
        .orElseThrow(
            () ->
                new TypeConversionException(
                    "a credential is one of "
                        + Enrolment.KINDS.stream()
                            .map(CredentialKind::word)
                            .collect(Collectors.joining(", "))));
  }
}
