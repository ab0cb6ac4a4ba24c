// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.history;

/// The ends of an archive that is not empty.
///
/// @param first the oldest
/// @param last the newest; may be the same
public record ArchiveEnds(KeptId first, KeptId last) {}
