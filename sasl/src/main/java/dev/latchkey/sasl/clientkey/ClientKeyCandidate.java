// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.clientkey;

import dev.latchkey.credential.AccountSnapshot;
import dev.latchkey.credential.Credential;
import dev.latchkey.credential.Verifier;
import dev.latchkey.sasl.FailureReason;
import java.util.Optional;

/// The key that a client names.
///
/// @param snapshot the account as it was just read
/// @param credential which
/// @param key its verifier
/// @param refusal why it no longer signs in; nothing if it is live
/// @param paused whether it rests, having been half right too often (rule 56)
public record ClientKeyCandidate(
    AccountSnapshot snapshot,
    Credential credential,
    Verifier.ClientKey key,
    Optional<FailureReason> refusal,
    boolean paused) {}
