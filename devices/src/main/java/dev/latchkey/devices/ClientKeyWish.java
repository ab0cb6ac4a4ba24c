// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import dev.latchkey.credential.Secret;
import java.time.Duration;
import java.util.Optional;

/// A wish to register a client key (XEP-0399 `<register/>`).
///
/// @param id the client's name for it
/// @param name what people call it; empty if the client says nothing
/// @param key the ValidationKey; used and forgotten
/// @param life how long it shall be good; nothing for as long as it may
public record ClientKeyWish(String id, String name, Secret key, Optional<Duration> life) {}
