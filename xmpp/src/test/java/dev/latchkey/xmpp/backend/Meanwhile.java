// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.backend;

/// What a test lets happen once, between two steps of something else.
final class Meanwhile {
  private Runnable next = () -> {};

  /// The next time that the place between the two steps is reached.
  void happens(Runnable what) {
    next = what;
  }

  /// The place between the two steps.
  void here() {
    Runnable what = next;
    next = () -> {};
    what.run();
  }
}
