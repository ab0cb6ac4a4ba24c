// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import dev.latchkey.credential.InvalidJidException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.DateTimeException;

/// One file of a home: replaced as a whole or not at all, and with a sentence for whatever is wrong
/// with it.
final class HomeFile {
  /// Makes something of a file's text.
  interface Reader<T> {
    T read(String text) throws IOException, GeneralSecurityException;
  }

  /// Makes something of a file's entries.
  interface EntryReader<T> {
    T read(Entries entries) throws GeneralSecurityException;
  }

  private final Path path;

  HomeFile(Path path) {
    this.path = path;
  }

  Path path() {
    return path;
  }

  boolean exists() {
    return Files.exists(path);
  }

  /// @throws ClientException if it cannot be read or is damaged
  <T> T text(Reader<T> reader) {
    try {
      return reader.read(Files.readString(path));
    } catch (NoSuchFileException missing) {
      throw new ClientException(
          path + " is missing. Enrol this device anew into another folder, or put the file back",
          missing);
    } catch (IOException unreadable) {
      throw PrivateFiles.unreadable(path, unreadable);
    } catch (GeneralSecurityException
        | InvalidJidException
        | InvalidInputException
        | DateTimeException damaged) {
      throw damaged(damaged);
    } catch (IllegalArgumentException damaged) {
      throw damaged(damaged);
    }
  }

  /// @throws ClientException if it cannot be read or is damaged
  <T> T entries(EntryReader<T> reader) {
    return text(text -> reader.read(Entries.parse(text)));
  }

  private ClientException damaged(Exception why) {
    return new ClientException(
        "%s is damaged: %s. Enrol this device anew into another folder, or put the file back"
            .formatted(path, Foreign.line(String.valueOf(why.getMessage()))),
        why);
  }

  /// @param what it is, for a person
  /// @throws ClientException if others than its owner may read it
  void requirePrivate(String what) {
    try {
      if (exists() && PrivateFiles.othersMayRead(path)) {
        throw new ClientException(
            "%s: others than you may read this %s. Run: chmod 600 %s".formatted(path, what, path));
      }
    } catch (IOException unreadable) {
      throw PrivateFiles.unreadable(path, unreadable);
    }
  }

  void write(Entries entries) throws IOException {
    write(entries.text());
  }

  void write(String text) throws IOException {
    write(text.getBytes(StandardCharsets.UTF_8));
  }

  void write(byte[] content) throws IOException {
    PrivateFiles.write(path, content);
  }

  /// See [PrivateFiles#writeLightly].
  void writeLightly(String text) throws IOException {
    PrivateFiles.writeLightly(path, text.getBytes(StandardCharsets.UTF_8));
  }

  void delete() throws IOException {
    PrivateFiles.delete(path);
  }

  /// See [PrivateFiles#sweep].
  void sweep() throws IOException {
    PrivateFiles.sweep(path);
  }
}
