// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Resource;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Which session a device wants.
///
/// @param account whose
/// @param resource which resource to ask for
/// @param lock which resource this device has, if it has only one
/// @param managed whether to ask for stream management
/// @param old what to resume
record SessionWish(
    AccountJid account,
    Optional<Resource> resource,
    Optional<Resource> lock,
    boolean managed,
    Optional<Resumable> old) {
  private static final String TAG = "Latchkey";

  /// What of it can be said in `<authenticate/>` (XEP-0386, XEP-0198).
  List<Element> inline(StreamFeatures features) {
    List<Element> said = new ArrayList<>();
    if (resumesInline(features)) {
      old.map(ManagementElements::resume).ifPresent(said::add);
    }
    // A resource of our choice cannot be asked for by Bind 2; a locked one comes by itself (rule
    // 36).
    if (features.bind2() && (resource.isEmpty() || lock.isPresent())) {
      Element.Builder bind =
          Element.named("bind", Namespaces.BIND2).child(Element.text("tag", Namespaces.BIND2, TAG));
      if (managed && features.manageInline()) {
        bind.child(ManagementElements.enable());
      }
      said.add(bind.build());
    }
    return said;
  }

  boolean resumesInline(StreamFeatures features) {
    return old.isPresent() && features.resumeInline();
  }
}
