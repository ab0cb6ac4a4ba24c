// SPDX-License-Identifier: Apache-2.0
/// The folder a server keeps its state in: its lock, its paths, how a file in it is written, and
/// the file of the master key.
///
/// The door is [dev.latchkey.store.folder.DataFolder]. Nothing here knows what stands in the
/// database.
@NullMarked
package dev.latchkey.store.folder;

import org.jspecify.annotations.NullMarked;
