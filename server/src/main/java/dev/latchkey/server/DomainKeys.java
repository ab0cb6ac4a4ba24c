// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.server;

import dev.latchkey.authority.issue.AuthorityKeys;
import dev.latchkey.authority.issue.TryOutIdentity;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Domain;
import dev.latchkey.credential.Sealer;
import dev.latchkey.credential.Secret;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.IDN;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.Function;
import java.util.function.Supplier;

/// The keys that the server makes for each domain and keeps in its data folder, sealed with the
/// master key: the authorities that sign for devices, and the TLS identity for trying things out.
///
/// Not thread-safe; used at start and by the one timer.
final class DomainKeys {
  /// A try-out certificate is made new when it is good for less than this.
  private static final Duration RENEWAL = Duration.ofDays(30);

  private final Path data;
  private final Sealer sealer;
  private final SecureRandom random;
  private final InstantSource clock;

  /// Keeps them in the given data folder.
  DomainKeys(Path data, Sealer sealer, SecureRandom random, InstantSource clock) {
    this.data = data;
    this.sealer = sealer;
    this.random = random;
    this.clock = clock;
  }

  /// The authorities of a domain; made at first.
  AuthorityKeys authority(Domain domain) {
    return kept(
        "authority",
        domain,
        AuthorityKeys::decode,
        AuthorityKeys::encode,
        () -> AuthorityKeys.create(domain, random, clock.instant()));
  }

  /// The TLS identity of a domain that has no certificate of the operator's; made at first, and its
  /// certificate made new in time.
  TryOutIdentity tryOut(Domain domain) {
    TryOutIdentity identity =
        kept(
            "tls",
            domain,
            TryOutIdentity::decode,
            TryOutIdentity::encode,
            () -> TryOutIdentity.create(domain, random, clock.instant()));
    if (clock.instant().plus(RENEWAL).isBefore(identity.notAfter())) {
      return identity;
    }
    TryOutIdentity renewed = identity.renewedAt(clock.instant(), random);
    write("tls", domain, renewed.encode());
    return renewed;
  }

  private <T> T kept(
      String room,
      Domain domain,
      Function<Secret, T> decode,
      Function<T, Secret> encode,
      Supplier<T> make) {
    Path file = file(room, domain);
    try {
      if (Files.exists(file)) {
        return decode.apply(sealer.open(Bytes.of(Files.readAllBytes(file)), context(room, domain)));
      }
    } catch (IOException broken) {
      throw new UncheckedIOException("%s cannot be read".formatted(file), broken);
    }
    T made = make.get();
    write(room, domain, encode.apply(made));
    return made;
  }

  private void write(String room, Domain domain, Secret secret) {
    Path file = file(room, domain);
    Path folder = data.resolve(room);
    Path unfinished = folder.resolve(file.getFileName() + ".new");
    try {
      Files.createDirectories(
          folder,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      Files.deleteIfExists(unfinished);
      Files.createFile(
          unfinished,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      try (FileChannel channel = FileChannel.open(unfinished, StandardOpenOption.WRITE)) {
        ByteBuffer octets = ByteBuffer.wrap(sealer.seal(secret, context(room, domain)).toArray());
        while (octets.hasRemaining()) {
          channel.write(octets);
        }
        channel.force(true);
      }
      // Whole or not at all, and not lost with the power: devices hang on these keys.
      Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
      try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
        channel.force(true);
      }
    } catch (IOException broken) {
      throw new UncheckedIOException("%s cannot be written".formatted(file), broken);
    }
  }

  private static Bytes context(String room, Domain domain) {
    return Bytes.utf8("file " + room + " " + domain);
  }

  private Path file(String room, Domain domain) {
    String name = domain.name();
    // A domainpart may also be an address, with colons and brackets; any other odd one is hashed.
    String safe = name.matches("[a-z0-9.-]+") ? name : asciiOrHash(name);
    return data.resolve(room).resolve(safe + ".sealed");
  }

  private static String asciiOrHash(String name) {
    try {
      String ascii = IDN.toASCII(name);
      if (ascii.matches("[a-z0-9.-]+")) {
        return ascii;
      }
    } catch (IllegalArgumentException noHostName) {
      // An address.
    }
    return "_" + Bytes.utf8(name).sha256().toHex();
  }
}
