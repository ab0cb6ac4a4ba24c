// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.credential;

/// What the value of a CLIENT-KEY counter says of whoever has proven it (rule 56).
public enum CounterVerdict {
  /// It has not signed in yet, and is near: it signs in.
  GOOD,
  /// It has signed in before. A client never uses one twice, so there is a clone.
  REUSED,
  /// A later value has signed in, this one never has: an attempt that comes late.
  LATE,
  /// It is too far from what is known to say anything.
  UNKNOWN
}
