// SPDX-License-Identifier: Apache-2.0
/// Latchkey's own elements: XML to records and back, as `docs/protocols/` has them. No decisions.
@NullMarked
package dev.latchkey.xmpp.protocol;

import org.jspecify.annotations.NullMarked;
