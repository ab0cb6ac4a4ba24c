// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.external;

import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.CertificateHolder;
import java.util.List;

/// Under which accounts a certificate is listed. Thread-safe; may wait for a disk.
@FunctionalInterface
public interface CertificateRegistry {
  /// All rows, live and dead.
  ///
  /// @param fingerprint SHA-256 of the certificate's DER: the only thing that is looked up (rule 2)
  List<CertificateHolder> holdersOf(Bytes fingerprint);
}
