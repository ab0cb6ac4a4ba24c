// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.wire.framing;

import java.util.Optional;

/// The attributes of `<stream:stream>` (RFC 6120 §4.7), as they came: not yet prepared or checked.
///
/// @param to the addressed domain
/// @param from who opens
/// @param id the stream's id; only the receiver of the stream sends one
/// @param version `1.0`, or what else it said
/// @param language `xml:lang`
/// @param contentNamespace the default namespace
public record StreamHeader(
    Optional<String> to,
    Optional<String> from,
    Optional<String> id,
    Optional<String> version,
    Optional<String> language,
    String contentNamespace) {}
