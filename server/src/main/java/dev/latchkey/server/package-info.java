// SPDX-License-Identifier: Apache-2.0
/// The server as a program: its configuration, the wiring of its parts by hand, its life from start
/// to clean end, and the socket by which the operator's commands reach it.
///
/// The doors are [dev.latchkey.server.Configuration], read once and never changed, and
/// `LatchkeyServer`, which starts one. No rule of a protocol is here.
@NullMarked
package dev.latchkey.server;

import org.jspecify.annotations.NullMarked;
