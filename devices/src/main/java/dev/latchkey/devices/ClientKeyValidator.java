// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import dev.latchkey.credential.Secret;

/// Makes what CLIENT-KEY checks a ValidationKey against. Thread-safe.
@FunctionalInterface
public interface ClientKeyValidator {
  /// The Validator of the two halves.
  ///
  /// @param encryptedSecret what the server keeps
  /// @param validationKey what the client alone has
  Secret of(Secret encryptedSecret, Secret validationKey);
}
