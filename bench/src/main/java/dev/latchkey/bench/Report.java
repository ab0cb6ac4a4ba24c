// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.bench;

/// What was measured.
interface Report {
  /// For people.
  String table();

  /// One JSON object in one line.
  String json();
}
