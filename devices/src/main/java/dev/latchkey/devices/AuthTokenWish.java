// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import java.time.Duration;
import java.util.Optional;

/// A wish for an X-TOKEN (`https://xabber.com/protocol/auth-tokens`, `<issue/>`).
///
/// @param client the software, as that calls itself
/// @param description the machine, as that calls itself
/// @param life how long it shall be good; nothing for as long as it may
public record AuthTokenWish(String client, String description, Optional<Duration> life) {}
