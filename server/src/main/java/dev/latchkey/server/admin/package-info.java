// SPDX-License-Identifier: Apache-2.0
/// How the operator's commands reach the running server: a UNIX socket, one JSON request in a line,
/// the answer's lines as `--json` prints them, then a line that says how it ended.
///
/// The kernel's word about the caller's user is the authorisation: root and the server's own user.
/// The doors are [dev.latchkey.server.admin.AdminSocket], which serves a list of
/// [dev.latchkey.server.admin.AdminCommand], and [dev.latchkey.server.admin.AdminClient], which
/// calls one. What a command does is decided by the use cases in `dev.latchkey.devices`.
@NullMarked
package dev.latchkey.server.admin;

import org.jspecify.annotations.NullMarked;
