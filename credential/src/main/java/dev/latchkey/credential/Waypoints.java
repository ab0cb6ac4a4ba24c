// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.credential;

/// Is told when a [Waypoint] is reached, by the thread that reached it. Tests hold the thread
/// there, or halt the machine; in production nothing happens. Thread-safe.
@FunctionalInterface
public interface Waypoints {
  /// Does nothing.
  Waypoints NONE = _ -> {};

  /// The calling thread stands at this point; it goes on when this returns.
  void reached(Waypoint point);
}
