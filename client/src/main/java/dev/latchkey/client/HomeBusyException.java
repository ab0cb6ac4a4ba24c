// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import java.nio.file.Path;

/// Another program signs in from the same home and takes long. Another server is no help against
/// that, but waiting is.
final class HomeBusyException extends ConnectionLostException {
  private static final long serialVersionUID = 1L;

  HomeBusyException(Path folder) {
    super("another program signs in from " + folder);
  }
}
