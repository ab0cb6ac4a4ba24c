// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store.folder;

import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.MasterKey;
import dev.latchkey.credential.Secret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/// The file of the master key, mode 0600: a line that names the format, then a line for each key
/// with its id in hexadecimal and the key in base64. The first key seals; those after it only open
/// what they sealed before.
public final class MasterKeyFile {
  private static final String FORMAT = "latchkey-master-key 1";
  private static final Set<PosixFilePermission> MODE = PosixFilePermissions.fromString("rw-------");

  private MasterKeyFile() {}

  /// Reads the keys; draws one and makes the file if it is not there. For whoever has the data
  /// folder locked: a copy that was being written is of somebody who is gone, and is removed.
  ///
  /// @param random a source of secrets
  /// @return the key in use, then the older ones
  /// @throws DataFolderException if others can read the file, it is a link, or it is damaged
  public static List<MasterKey> open(Path file, RandomGenerator random) {
    try {
      WholeFile.removeUnfinished(file);
      if (Files.notExists(file, LinkOption.NOFOLLOW_LINKS)) {
        List<MasterKey> keys = List.of(MasterKey.draw(random));
        put(file, keys);
        return keys;
      }
      return parse(file);
    } catch (IOException broken) {
      throw new DataFolderException(
          "%s: the master key cannot be read or made: %s".formatted(file, broken), broken);
    }
  }

  /// Reads the keys again while a server runs that has read them before. What lies there by then
  /// may be nothing, as where the folder is not mounted any more, or the file of another server;
  /// the server's own keys may not be lost for that.
  ///
  /// @param inUse the key that it seals with
  /// @throws DataFolderException as [#open], and if the file is not there or has not the key in use
  public static List<MasterKey> readAgain(Path file, MasterKey inUse) {
    List<MasterKey> keys;
    try {
      if (Files.notExists(file, LinkOption.NOFOLLOW_LINKS)) {
        throw notOurs(file, "is not there", inUse);
      }
      keys = parse(file);
    } catch (IOException broken) {
      throw new DataFolderException(
          "%s: the master key cannot be read: %s".formatted(file, broken), broken);
    }
    List<String> found = keys.stream().map(key -> key.id().toHex()).toList();
    if (!found.contains(inUse.id().toHex())) {
      throw notOurs(file, "holds only " + String.join(", ", found), inUse);
    }
    return keys;
  }

  private static DataFolderException notOurs(Path file, String found, MasterKey inUse) {
    return new DataFolderException(
        "%s: %s, but the server seals with the master key %s. Nothing was changed. Put back the file with that key, and do not stop the server before: it would not start again."
            .formatted(file, found, inUse.id().toHex()));
  }

  /// Puts other keys in the place of those that are there, durably and at once.
  ///
  /// @param keys the key in use, then the older ones
  /// @throws DataFolderException if that cannot be done; then the file is as it was
  public static void write(Path file, List<MasterKey> keys) {
    try {
      put(file, keys);
    } catch (IOException broken) {
      throw new DataFolderException(
          "%s: the master key cannot be written: %s".formatted(file, broken), broken);
    }
  }

  private static void put(Path file, List<MasterKey> keys) throws IOException {
    StringBuilder text = new StringBuilder(FORMAT).append('\n');
    for (MasterKey key : keys) {
      text.append("%s %s\n".formatted(key.id().toHex(), key.octets().reveal().toBase64()));
    }
    // Half a key would make everything it sealed unreadable.
    WholeFile.write(file, Bytes.utf8(text.toString()));
  }

  private static List<MasterKey> parse(Path file) throws IOException {
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new DataFolderException(
          "%s: is a link or no file. The master key must be a file of its own; put it there."
              .formatted(file));
    }
    DataFolder.refuseOthers(file, MODE, "600");
    List<String> lines = Files.readAllLines(file, StandardCharsets.ISO_8859_1);
    if (lines.size() < 2 || !lines.getFirst().equals(FORMAT)) {
      throw damaged(file, 1);
    }
    List<MasterKey> keys = new ArrayList<>();
    for (String line : lines.subList(1, lines.size())) {
      int number = keys.size() + 2;
      keys.add(key(line).orElseThrow(() -> damaged(file, number)));
    }
    return List.copyOf(keys);
  }

  private static Optional<MasterKey> key(String line) {
    String[] parts = line.split(" ", -1);
    if (parts.length != 2) {
      return Optional.empty();
    }
    return Bytes.base64(parts[1])
        .filter(octets -> octets.length() == MasterKey.LENGTH)
        .map(octets -> MasterKey.of(Secret.of(octets)))
        // The id is computed from the key, so it also tells of a slip of the hand.
        .filter(key -> key.id().toHex().equals(parts[0]));
  }

  private static DataFolderException damaged(Path file, int line) {
    return new DataFolderException(
        "%s:%d: this is no master key. Put back the file as it was made; without it nothing that was sealed opens."
            .formatted(file, line));
  }
}
