// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.ht;

import dev.latchkey.credential.AccountSnapshot;
import dev.latchkey.credential.Credential;
import dev.latchkey.credential.Verifier;
import dev.latchkey.sasl.FailureReason;
import java.util.Optional;

/// One token that a proof may turn out to be made with.
///
/// @param snapshot the account as it was just read
/// @param credential which
/// @param token its verifier
/// @param refusal why it no longer signs in; nothing if it is live
public record HtCandidate(
    AccountSnapshot snapshot,
    Credential credential,
    Verifier.Fast token,
    Optional<FailureReason> refusal) {}
