// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

/// How much work the store has done since it was opened.
///
/// @param reads questions answered, each of one consistent view
/// @param rows what those who answered looked at
/// @param writes pieces of work the writer was given, lost ones too
/// @param transactions transactions that were flushed to the disk; many writes may share one
public record StoreCounters(long reads, long rows, long writes, long transactions) {}
