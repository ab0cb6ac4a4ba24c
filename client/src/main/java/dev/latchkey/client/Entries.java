// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Secret;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.security.GeneralSecurityException;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Collectors;

/// Names and values, as a [HomeFile] holds them (`java.util.Properties`, UTF-8). Not thread-safe.
final class Entries {
  private final Properties values = new Properties();

  static Entries parse(String text) throws IOException {
    Entries entries = new Entries();
    entries.values.load(new StringReader(text));
    return entries;
  }

  Entries with(String name, String value) {
    values.setProperty(name, value);
    return this;
  }

  Entries with(String name, Optional<String> value) {
    value.ifPresent(it -> values.setProperty(name, it));
    return this;
  }

  /// SECURITY: the file that this is written to is for its owner only.
  Entries with(String name, Secret value) {
    return with(name, value.reveal().toBase64());
  }

  Optional<String> find(String name) {
    return Optional.ofNullable(values.getProperty(name));
  }

  /// @throws GeneralSecurityException if there is none
  String need(String name) throws GeneralSecurityException {
    return find(name).orElseThrow(() -> new GeneralSecurityException("`" + name + "` is missing"));
  }

  /// @throws GeneralSecurityException if there is none, or it is not base64
  Bytes octets(String name) throws GeneralSecurityException {
    return Bytes.base64(need(name))
        .orElseThrow(() -> new GeneralSecurityException("`" + name + "` is not base64"));
  }

  /// @throws GeneralSecurityException if there is none, or it is not base64
  Secret secret(String name) throws GeneralSecurityException {
    return Secret.of(octets(name));
  }

  /// As the file has it, without the comment that tells the time.
  String text() {
    StringWriter text = new StringWriter();
    try {
      values.store(text, null);
    } catch (IOException never) {
      throw new IllegalStateException("a text takes everything", never);
    }
    return text.toString()
        .lines()
        .filter(line -> !line.startsWith("#"))
        .collect(Collectors.joining("\n", "", "\n"));
  }

  /// Only the names: values may be secret.
  @Override
  public String toString() {
    return values.stringPropertyNames().toString();
  }
}
