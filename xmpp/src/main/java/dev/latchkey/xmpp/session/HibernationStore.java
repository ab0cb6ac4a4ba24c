// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.session;

import java.util.List;

/// Where sessions sleep while the server is stopped. Thread-safe; waits for a disk.
public interface HibernationStore {
  /// Keeps sessions; when this returns, they survive the end of the process.
  void put(List<HibernatedSession> sessions);

  /// All that were put, which are not there afterwards: what is not resumed before the next crash
  /// is not found a second time.
  List<HibernatedSession> take();
}
