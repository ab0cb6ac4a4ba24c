// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import dev.latchkey.credential.AccountJid;

/// A code that the operator made.
///
/// @param account for whom
/// @param created whether the account was made for it
/// @param code the code
public record OperatorCode(AccountJid account, boolean created, IssuedCode code) {}
