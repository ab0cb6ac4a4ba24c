// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.external;

import dev.latchkey.credential.Bytes;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/// What certificates say that are listed here, so that they need not be parsed at each sign-in. It
/// never changes, since they are known by their fingerprint. Bounded; thread-safe.
final class KnownCertificates {
  /// So many are remembered at most.
  static final int MOST = 10_000;

  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Bytes, CertificateIdentities> known =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Bytes, CertificateIdentities> eldest) {
          return size() > MOST;
        }
      };

  /// What a certificate says.
  ///
  /// @param listed whether it is listed; what strangers show is not kept
  Optional<CertificateIdentities> read(Bytes der, Bytes fingerprint, boolean listed) {
    if (!listed) {
      return CertificateIdentities.of(der);
    }
    lock.lock();
    try {
      Optional<CertificateIdentities> remembered = Optional.ofNullable(known.get(fingerprint));
      if (remembered.isPresent()) {
        return remembered;
      }
    } finally {
      lock.unlock();
    }
    Optional<CertificateIdentities> read = CertificateIdentities.of(der);
    lock.lock();
    try {
      read.ifPresent(it -> known.put(fingerprint, it));
    } finally {
      lock.unlock();
    }
    return read;
  }
}
