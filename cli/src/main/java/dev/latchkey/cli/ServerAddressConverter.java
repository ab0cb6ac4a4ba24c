// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli;

import dev.latchkey.client.InvalidInputException;
import dev.latchkey.client.ServerAddress;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// `HOST:PORT` or `tls:HOST:PORT`.
final class ServerAddressConverter implements ITypeConverter<ServerAddress> {
  @Override
  public ServerAddress convert(String text) {
    try {
      return ServerAddress.parse(text);
    } catch (InvalidInputException wrong) {
      throw new TypeConversionException(String.valueOf(wrong.getMessage()));
    }
  }
}
