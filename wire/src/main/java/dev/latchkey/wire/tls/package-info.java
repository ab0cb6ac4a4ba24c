// SPDX-License-Identifier: Apache-2.0
/// TLS as both sides use it: engines made directly from the provider, what is read from a finished
/// handshake, and the identity that a server shows.
@NullMarked
package dev.latchkey.wire.tls;

import org.jspecify.annotations.NullMarked;
