// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.server;

import dev.latchkey.authority.issue.AuthorityKeys;
import dev.latchkey.authority.issue.TryOutIdentity;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Domain;
import dev.latchkey.credential.InvalidJidException;
import dev.latchkey.credential.SealException;
import dev.latchkey.credential.Sealer;
import dev.latchkey.credential.Secret;
import dev.latchkey.store.SealedValues;
import dev.latchkey.store.folder.WholeFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.IDN;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// The keys that the server makes for each domain and keeps in its data folder, sealed with the
/// master key: the authorities that sign for devices, and the TLS identity for trying things out.
///
/// Thread-safe. Written at start, by the one timer, and when the master key changes.
final class DomainKeys implements SealedValues {
  private static final List<String> ROOMS = List.of("authority", "tls");
  private static final String SUFFIX = ".sealed";

  /// A try-out certificate is made new when it is good for less than this.
  private static final Duration RENEWAL = Duration.ofDays(30);

  private final Path data;
  private final Sealer sealer;
  private final SecureRandom random;
  private final InstantSource clock;

  /// Whose keys were asked for: the name of a file does not always tell.
  private final Set<Domain> met = new HashSet<>();

  /// Read once: it is asked for with every round.
  private final Map<Domain, TryOutIdentity> tryOuts = new HashMap<>();

  /// Keeps them in the given data folder.
  DomainKeys(Path data, Sealer sealer, SecureRandom random, InstantSource clock) {
    this.data = data;
    this.sealer = sealer;
    this.random = random;
    this.clock = clock;
  }

  /// The authorities of a domain; made at first.
  synchronized AuthorityKeys authority(Domain domain) {
    return kept(
        "authority",
        domain,
        AuthorityKeys::decode,
        AuthorityKeys::encode,
        () -> AuthorityKeys.create(domain, random, clock.instant()));
  }

  /// The TLS identity of a domain that has no certificate of the operator's; made at first, and its
  /// certificate made new in time.
  synchronized TryOutIdentity tryOut(Domain domain) {
    TryOutIdentity identity = tryOuts.computeIfAbsent(domain, this::keptTryOut);
    if (clock.instant().plus(RENEWAL).isBefore(identity.notAfter())) {
      return identity;
    }
    TryOutIdentity renewed = identity.renewedAt(clock.instant(), random);
    write("tls", domain, renewed.encode());
    tryOuts.put(domain, renewed);
    return renewed;
  }

  private TryOutIdentity keptTryOut(Domain domain) {
    return kept(
        "tls",
        domain,
        TryOutIdentity::decode,
        TryOutIdentity::encode,
        () -> TryOutIdentity.create(domain, random, clock.instant()));
  }

  /// Also what belongs to domains that are not served now, as far as the name of its file tells
  /// which domain that is.
  @Override
  public synchronized long reseal(LongConsumer progress) {
    long resealed = 0;
    for (Map.Entry<Path, String> old : outdated().entrySet()) {
      Optional<Opened> opened = opened(old.getKey(), old.getValue());
      if (opened.isPresent()) {
        write(old.getValue(), opened.get().domain(), opened.get().secret());
        resealed++;
        progress.accept(1);
      }
    }
    return resealed;
  }

  @Override
  public synchronized List<String> left() {
    return outdated().keySet().stream()
        .map(
            file ->
                "%s belongs to a domain that is not served; serve it, or remove the file"
                    .formatted(file))
        .toList();
  }

  /// The files that an older master key has sealed, with their rooms.
  private Map<Path, String> outdated() {
    Map<Path, String> outdated = new TreeMap<>();
    for (String room : ROOMS) {
      Path folder = data.resolve(room);
      if (Files.isDirectory(folder)) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*" + SUFFIX)) {
          for (Path file : files) {
            if (!sealer.isCurrent(Bytes.of(Files.readAllBytes(file)))) {
              outdated.put(file, room);
            }
          }
        } catch (IOException broken) {
          throw new UncheckedIOException("%s cannot be read".formatted(folder), broken);
        }
      }
    }
    return outdated;
  }

  private record Opened(Domain domain, Secret secret) {}

  private Optional<Opened> opened(Path file, String room) {
    Bytes sealed;
    try {
      sealed = Bytes.of(Files.readAllBytes(file));
    } catch (IOException broken) {
      throw new UncheckedIOException("%s cannot be read".formatted(file), broken);
    }
    String name = file.getFileName().toString();
    String stem = name.substring(0, name.length() - SUFFIX.length());
    return Stream.concat(
            met.stream(), Stream.of(stem, IDN.toUnicode(stem)).flatMap(DomainKeys::domain))
        .filter(domain -> file(room, domain).equals(file))
        .flatMap(domain -> opened(sealed, room, domain).stream())
        .findFirst();
  }

  private static Stream<Domain> domain(String name) {
    try {
      return Stream.of(new Domain(name));
    } catch (InvalidJidException hashed) {
      return Stream.empty();
    }
  }

  private Optional<Opened> opened(Bytes sealed, String room, Domain domain) {
    try {
      return Optional.of(new Opened(domain, sealer.open(sealed, context(room, domain))));
    } catch (SealException elsewhere) {
      return Optional.empty();
    }
  }

  private <T> T kept(
      String room,
      Domain domain,
      Function<Secret, T> decode,
      Function<T, Secret> encode,
      Supplier<T> make) {
    met.add(domain);
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
    try {
      Files.createDirectories(
          folder,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      WholeFile.write(file, sealer.seal(secret, context(room, domain))); // devices hang on it
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
    return data.resolve(room).resolve(safe + SUFFIX);
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
