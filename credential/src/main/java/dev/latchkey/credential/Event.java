// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.credential;

import java.time.Instant;
import java.util.Optional;

/// One line of an account's history; written in the transaction of the change it tells of.
///
/// @param seq its number in the account; 0 until the store gives one
/// @param account whose
/// @param at when
/// @param kind what
/// @param actor by whom
/// @param device about which device
/// @param credential about which credential
/// @param reason why, in the actor's words
public record Event(
    long seq,
    AccountId account,
    Instant at,
    EventKind kind,
    Actor actor,
    Optional<DeviceId> device,
    Optional<CredentialId> credential,
    Optional<String> reason) {}
