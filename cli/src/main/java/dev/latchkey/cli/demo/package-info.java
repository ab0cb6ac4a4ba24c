// SPDX-License-Identifier: Apache-2.0
/// The whole promise in one minute: a server, two devices, what they may and what is refused, each
/// step judged by what came over the wire.
@NullMarked
package dev.latchkey.cli.demo;

import org.jspecify.annotations.NullMarked;
