// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The file outside the database that knows what was withdrawn, so that an older copy of the
/// database is recognized and cannot bring it back (rule 40).
///
/// One line for each: number, kind, id, generation, and the CRC-32C of what stands before it. Lines
/// are only added. A line that is not whole at the end was being written when the machine stopped;
/// nobody was told of it, and it is cut off. Any other damage is refused. Used by one thread at a
/// time.
final class RevocationLog implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RevocationLog.class);
  private static final Pattern LINE =
      Pattern.compile("(([1-9][0-9]{0,17}) ([a-z-]+) (\\S+) ([0-9]{1,18})) ([0-9a-f]{8})");

  private final Path file;
  private final FileChannel channel;
  private final List<Revocation> found;
  private long length;
  private long lastSeq;

  private RevocationLog(Path file, FileChannel channel, List<Revocation> found, long length) {
    this.file = file;
    this.channel = channel;
    this.found = found;
    this.length = length;
    this.lastSeq = found.isEmpty() ? 0 : found.getLast().seq();
  }

  /// Opens the file, or makes it.
  ///
  /// @throws StoreException if a line other than a broken last one is damaged
  static RevocationLog open(Path file) throws IOException {
    boolean isNew = Files.notExists(file);
    FileChannel channel =
        FileChannel.open(
            file,
            Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    try {
      if (isNew) {
        syncFolder(file);
      }
      String text = Files.readString(file, StandardCharsets.ISO_8859_1);
      int whole = text.lastIndexOf('\n') + 1;
      List<Revocation> found = read(file, text.substring(0, whole));
      if (whole < text.length()) {
        LOG.warn("{}: the last line was not written to its end and is cut off", file);
        channel.truncate(whole);
        channel.force(true);
      }
      return new RevocationLog(file, channel, found, whole);
    } catch (IOException | RuntimeException broken) {
      channel.close();
      throw broken;
    }
  }

  private static void syncFolder(Path file) throws IOException {
    try (FileChannel folder =
        FileChannel.open(file.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
      folder.force(true);
    }
  }

  private static List<Revocation> read(Path file, String text) {
    List<Revocation> found = new ArrayList<>();
    for (String line : text.lines().toList()) {
      int number = found.size() + 1;
      Matcher parts = LINE.matcher(line);
      if (!parts.matches() || !checksum(parts.group(1)).equals(parts.group(6))) {
        throw damaged(file, number);
      }
      try {
        found.add(
            Revocation.of(
                Long.parseLong(parts.group(2)),
                parts.group(3),
                parts.group(4),
                Long.parseLong(parts.group(5))));
      } catch (IllegalArgumentException unknown) {
        throw damaged(file, number);
      }
      if (found.getLast().seq() != number) {
        throw damaged(file, number);
      }
    }
    return List.copyOf(found);
  }

  private static StoreException damaged(Path file, int number) {
    return new StoreException(
        ("%s:%d: this line of the revocation log is damaged."
                + " Put back the file as it was written; without it revoked devices could return.")
            .formatted(file, number));
  }

  private static String checksum(String text) {
    CRC32C crc = new CRC32C();
    crc.update(text.getBytes(StandardCharsets.ISO_8859_1));
    return "%08x".formatted(crc.getValue());
  }

  private static String line(Revocation revocation) {
    String text =
        "%d %s %s %d"
            .formatted(
                revocation.seq(), revocation.kind(), revocation.ref(), revocation.generation());
    return text + " " + checksum(text) + "\n";
  }

  /// What stood in it when it was opened.
  List<Revocation> found() {
    return found;
  }

  /// The number of the last line.
  long lastSeq() {
    return lastSeq;
  }

  /// Adds lines and flushes them to the disk. If that fails nothing was added.
  void append(List<Revocation> revocations) throws IOException {
    if (revocations.isEmpty()) {
      return;
    }
    StringBuilder lines = new StringBuilder();
    long seq = lastSeq;
    for (Revocation revocation : revocations) {
      if (revocation.seq() != ++seq) {
        throw new IOException(
            "%s: line %d cannot follow line %d".formatted(file, revocation.seq(), seq - 1));
      }
      lines.append(line(revocation));
    }
    // What an earlier try left half-written is written over.
    channel.truncate(length);
    ByteBuffer octets = StandardCharsets.ISO_8859_1.encode(lines.toString());
    long end = length;
    while (octets.hasRemaining()) {
      end += channel.write(octets, end);
    }
    channel.force(true);
    length = end;
    lastSeq = seq;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
