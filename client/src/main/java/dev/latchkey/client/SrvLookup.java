// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import java.io.IOException;
import java.util.List;

/// Asks DNS for SRV records.
public interface SrvLookup {
  /// The records under a name; none if there are none.
  ///
  /// @param name such as `_xmpp-client._tcp.example.org`, in A-labels
  /// @throws IOException if DNS did not answer
  List<SrvRecord> lookup(String name) throws IOException;

  /// Asks the resolver of this machine.
  static SrvLookup ofThisMachine() {
    return new DnsSrvLookup();
  }
}
