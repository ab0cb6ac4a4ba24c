// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.server.admin;

import dev.latchkey.credential.Bytes;
import java.util.Optional;

/// How a client finds a domain's server and knows it.
///
/// @param pin SHA-256 of the SPKI of the only trust anchor, unless everybody trusts its certificate
/// @param address `HOST:PORT`, or `tls:HOST:PORT` where TLS begins at once, unless DNS says it
public record ServerPlace(Optional<Bytes> pin, Optional<String> address) {}
