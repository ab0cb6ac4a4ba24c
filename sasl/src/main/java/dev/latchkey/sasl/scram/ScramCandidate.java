// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.scram;

import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.ScramVerifier;
import dev.latchkey.sasl.Proof;
import java.util.Optional;

/// One secret that may turn out to be the one that was used: the match names the credential.
///
/// @param account whose
/// @param jid its address
/// @param credential which
/// @param device the device it belongs to and its generation as just read; a code has none
/// @param oneTime whether it is a one-time code, whose ServerKey ties the enrolment to it (rule 7)
/// @param verifier what the proof is tried on
public record ScramCandidate(
    AccountId account,
    AccountJid jid,
    CredentialId credential,
    Optional<Proof.ProvenDevice> device,
    boolean oneTime,
    ScramVerifier verifier) {}
