// SPDX-License-Identifier: Apache-2.0
/// XML elements as immutable values. Nothing else: no parser, no I/O.
@NullMarked
package dev.latchkey.wire.element;

import org.jspecify.annotations.NullMarked;
