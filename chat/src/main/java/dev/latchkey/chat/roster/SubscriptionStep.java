// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.roster;

import dev.latchkey.chat.stanza.PresenceType;
import java.util.Optional;

/// What one subscription stanza does to one side.
///
/// @param after the subscription then
/// @param passes whether the stanza goes on: outbound to the contact, inbound to the account's
///   interested resources
/// @param push whether the roster shows something else than before
/// @param answer what the server sends to the contact in the account's name
public record SubscriptionStep(
    Subscription after, boolean passes, boolean push, Optional<PresenceType> answer) {}
