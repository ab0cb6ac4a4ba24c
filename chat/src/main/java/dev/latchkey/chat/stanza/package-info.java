// SPDX-License-Identifier: Apache-2.0
/// The stanzas of RFC 6120 §8 as values: requests, answers, errors, types.
@NullMarked
package dev.latchkey.chat.stanza;

import org.jspecify.annotations.NullMarked;
