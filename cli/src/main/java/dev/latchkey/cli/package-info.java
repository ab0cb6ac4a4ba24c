// SPDX-License-Identifier: Apache-2.0
/// The command line: reads arguments, calls the server, the running server's admin socket or the
/// client kit, and prints. No rule of Latchkey is decided here.
///
/// The door is [dev.latchkey.cli.Latchkey]; a command is a class that is listed there.
@NullMarked
package dev.latchkey.cli;

import org.jspecify.annotations.NullMarked;
