// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.server;

import dev.latchkey.authority.issue.TryOutIdentity;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Domain;
import dev.latchkey.credential.InvalidJidException;
import dev.latchkey.server.Configuration.ServedDomain;
import dev.latchkey.server.Configuration.TlsFiles;
import dev.latchkey.wire.tls.TlsIdentities;
import dev.latchkey.wire.tls.TlsIdentity;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Who the server is in TLS: for each domain the operator's certificate, or one for trying things
/// out. [#refresh] follows the files. Thread-safe.
final class DomainIdentities implements TlsIdentities {
  private static final Logger LOG = LoggerFactory.getLogger(DomainIdentities.class);

  private final DomainKeys keys;
  private final List<ServedDomain> domains;

  /// The domains by the names that nearly all clients ask for: a name need not be prepared at each
  /// handshake.
  private final Map<String, Domain> names;

  private volatile Map<Domain, Shown> shown = Map.of();

  /// What one domain shows.
  ///
  /// @param pin what an invitation must name, if the platform's public roots do not trust it
  /// @param tryOut whether the server made it itself
  /// @param stamps what it was made from: how the files looked before they were read, or what the
  ///   server made itself
  private record Shown(
      TlsIdentity identity, Optional<Bytes> pin, boolean tryOut, List<Object> stamps) {}

  /// Reads or makes the identity of each domain.
  ///
  /// @throws ConfigurationException if the operator's files cannot be used
  DomainIdentities(DomainKeys keys, List<ServedDomain> domains) {
    this.keys = keys;
    this.domains = List.copyOf(domains);
    this.names =
        domains.stream()
            .map(ServedDomain::name)
            .collect(Collectors.toUnmodifiableMap(Domain::name, name -> name));
    Map<Domain, Shown> first = new LinkedHashMap<>();
    for (ServedDomain domain : domains) {
      try {
        first.put(domain.name(), load(domain, stamps(domain)));
      } catch (PemIdentityException refused) {
        throw new ConfigurationException(List.of(String.valueOf(refused.getMessage())));
      }
    }
    shown = Map.copyOf(first);
  }

  /// @param stamps as they were before, so that what changes meanwhile is seen
  private Shown load(ServedDomain domain, List<Object> stamps) throws PemIdentityException {
    if (domain.tls().isPresent()) {
      PemIdentity own = PemIdentity.read(domain.tls().get());
      return new Shown(own.identity(), own.pin(), false, stamps);
    }
    TryOutIdentity made = keys.tryOut(domain.name());
    List<X509Certificate> chain = made.chain().stream().map(DomainIdentities::certificate).toList();
    return new Shown(new TlsIdentity(made.key(), chain), Optional.of(made.pin()), true, stamps);
  }

  /// The identity of the named domain; of the first one, if another or none is named: a wrong name
  /// is refused in the stream, where the client can be told.
  @Override
  public TlsIdentity of(Optional<String> serverName) {
    return serverName
        .flatMap(name -> Optional.ofNullable(names.get(name)).or(() -> domain(name)))
        .map(shown::get)
        .or(() -> Optional.ofNullable(shown.get(domains.getFirst().name())))
        .map(Shown::identity)
        .orElseThrow();
  }

  private static Optional<Domain> domain(String serverName) {
    try {
      return Optional.of(new Domain(serverName));
    } catch (InvalidJidException none) {
      return Optional.empty();
    }
  }

  /// SHA-256 of the SPKI that an invitation to this domain must name; nothing if clients trust its
  /// chain anyway.
  Optional<Bytes> pin(Domain domain) {
    return Optional.ofNullable(shown.get(domain)).flatMap(Shown::pin);
  }

  /// Whether the domain shows a certificate that the server made itself, for trying things out.
  boolean isTryOut(Domain domain) {
    return Optional.ofNullable(shown.get(domain)).filter(Shown::tryOut).isPresent();
  }

  /// Reads changed files again. New files that cannot be used leave the old identity in place, and
  /// the log says why. Called by one timer.
  ///
  /// @return whether any identity changed
  boolean refresh() {
    Map<Domain, Shown> next = new LinkedHashMap<>(shown);
    for (ServedDomain domain : domains) {
      Shown old = next.get(domain.name());
      List<Object> stamps = stamps(domain);
      try {
        if (!stamps.equals(stampsOf(old))) {
          next.put(domain.name(), load(domain, stamps));
        }
      } catch (PemIdentityException refused) {
        // Once for each change, not at every look.
        if (old != null) {
          next.put(domain.name(), new Shown(old.identity(), old.pin(), old.tryOut(), stamps));
        }
        LOG.error(
            "TLS-2002 the new TLS files of {} are not used, the old certificate stays: {}",
            domain.name(),
            refused.getMessage());
      }
    }
    boolean changed =
        domains.stream()
            .map(ServedDomain::name)
            .anyMatch(name -> !identityOf(next, name).equals(identityOf(shown, name)));
    shown = Map.copyOf(next);
    return changed;
  }

  private static Optional<TlsIdentity> identityOf(Map<Domain, Shown> all, Domain domain) {
    return Optional.ofNullable(all.get(domain)).map(Shown::identity);
  }

  private static List<Object> stampsOf(@Nullable Shown old) {
    return old == null ? List.of() : old.stamps();
  }

  private List<Object> stamps(ServedDomain domain) {
    return domain.tls().isPresent()
        ? stamps(domain.tls().get())
        : List.of(keys.tryOut(domain.name()));
  }

  /// What changes when a file is written or replaced.
  private static List<Object> stamps(TlsFiles files) {
    List<Object> stamps = new ArrayList<>();
    for (Path file : List.of(files.chain(), files.key())) {
      try {
        BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
        stamps.add(List.of(now.lastModifiedTime(), now.size(), String.valueOf(now.fileKey())));
      } catch (IOException absent) {
        stamps.add("absent");
      }
    }
    return stamps;
  }

  private static X509Certificate certificate(Bytes der) {
    try {
      return (X509Certificate)
          CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(der.toArray()));
    } catch (CertificateException cannotHappen) {
      throw new IllegalStateException("a certificate that we made cannot be read", cannotHappen);
    }
  }
}
