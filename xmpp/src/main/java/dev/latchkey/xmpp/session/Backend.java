// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.session;

import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Resource;

/// The chat domain behind: embedded, or later a server that somebody already runs. Thread-safe.
public interface Backend {
  /// A session was bound.
  ///
  /// @param account whose
  /// @param resource the resource it was given
  /// @param client how to reach it
  Attachment attach(AccountJid account, Resource resource, ClientSide client);

  /// Whether a client may bind without asking for what waits for it (XEP-0386 clears offline
  /// messages at bind): only where there is an archive, or nothing is ever kept (rule 29).
  boolean losesNothingByBind2();
}
