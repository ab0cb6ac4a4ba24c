// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.session;

import dev.latchkey.credential.Domain;
import dev.latchkey.wire.element.Element;
import java.util.List;

/// The chat domain behind: embedded, or later a server that somebody already runs. Thread-safe; all
/// but [#attach] may wait for a store.
public interface Backend {
  /// What it lists in `<stream:features/>` for who has signed in.
  ///
  /// @param domain whose stream it is
  List<Element> features(Domain domain);

  /// The namespaces of what a client may ask for while it binds (XEP-0386 §3).
  List<String> inlineFeatures();

  /// Whether a client may bind without asking for what waits for it (XEP-0386 clears offline
  /// messages at bind): only where there is an archive, or nothing is ever kept (rule 29).
  boolean losesNothingByBind2();

  /// A client binds by XEP-0386.
  ///
  /// @return what `<bound/>` holds for it
  List<Element> bindInline(SessionIdentity who);

  /// A session was bound.
  ///
  /// @param client how to reach it
  /// @param asked what it asked for while it bound (XEP-0386); nothing if it bound otherwise
  Attachment attach(ClientSide client, List<Element> asked);

  /// A session goes on that slept while the server was stopped. Nobody is told: for everybody else
  /// it was never gone.
  ///
  /// @param place what [Attachment#place] said of it
  Attachment revive(ClientSide client, Element place);
}
