// SPDX-License-Identifier: Apache-2.0
/// Where a message goes (RFC 6121 §8.5).
@NullMarked
package dev.latchkey.chat.delivery;

import org.jspecify.annotations.NullMarked;
