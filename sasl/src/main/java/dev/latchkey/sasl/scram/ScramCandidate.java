// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.scram;

import dev.latchkey.credential.AccountSnapshot;
import dev.latchkey.credential.Credential;
import dev.latchkey.credential.ScramVerifier;

/// One secret that may turn out to be the one that was used: the match names the credential.
///
/// @param snapshot the account as it was just read
/// @param credential which; the ServerKey of a one-time code ties the enrolment to it (rule 7)
/// @param verifier what the proof is tried on, one of the credential's
public record ScramCandidate(
    AccountSnapshot snapshot, Credential credential, ScramVerifier verifier) {}
