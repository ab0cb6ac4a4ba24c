// SPDX-License-Identifier: Apache-2.0
/// XEP-0198's arithmetic, the same on both sides of a stream: how many stanzas were handled, and
/// which of those that were sent are not known to have arrived. Who asks when, and what becomes of
/// a session, is not here.
@NullMarked
package dev.latchkey.wire.management;

import org.jspecify.annotations.NullMarked;
