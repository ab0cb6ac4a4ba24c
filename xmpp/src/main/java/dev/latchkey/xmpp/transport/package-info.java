// SPDX-License-Identifier: Apache-2.0
/// Where clients come in: the ports, and how many may be in negotiation at a time.
@NullMarked
package dev.latchkey.xmpp.transport;

import org.jspecify.annotations.NullMarked;
