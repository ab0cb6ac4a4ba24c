// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

/// What is known of a message that was sent.
///
/// @param id its id
/// @param known whether the server has it
public record Delivery(String id, Known known) {
  /// Whether the server has a stanza.
  public enum Known {
    /// It has: from now on it is the server's to deliver.
    ARRIVED,

    /// It has not, and will not get it from us any more: whoever sends it again sends it once.
    NOT_SENT,

    /// It may have it or not: the connection ended before it said so. Whoever sends it again may
    /// send it twice.
    UNKNOWN
  }
}
