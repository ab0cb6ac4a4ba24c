// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.xtoken;

import dev.latchkey.credential.AccountSnapshot;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Credential;

/// One token that may turn out to be the one that was sent.
///
/// @param snapshot the account as it was just read
/// @param credential which
/// @param hash SHA-256 of its text
public record TokenCandidate(AccountSnapshot snapshot, Credential credential, Bytes hash) {}
