// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import dev.latchkey.credential.CredentialId;
import java.time.Instant;
import java.util.Optional;

/// A one-time code for one more device of the account.
///
/// @param id the id under which it can be taken back
/// @param expires when it ends
/// @param uri the invitation, code included; its text form hides the code, [LoginUri#reveal] does
///   not
public record IssuedCode(CredentialId id, Optional<Instant> expires, LoginUri uri) {}
