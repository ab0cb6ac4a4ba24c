// SPDX-License-Identifier: Apache-2.0
/// Accounts, JIDs, devices, credentials and their states: the model that everything else stands on.
///
/// The door is [dev.latchkey.credential.CredentialStore]: one way to read an account
/// ([dev.latchkey.credential.AccountSnapshot]) and one way to change anything
/// ([dev.latchkey.credential.CredentialStore#commit]). Use cases decide on a snapshot, write down
/// what they want with [dev.latchkey.credential.AccountEdit], and commit it; if the account changed
/// in between nothing is written and they decide again.
///
/// No I/O is done here, and nothing here knows XML, SASL or SQL.
@NullMarked
package dev.latchkey.credential;

import org.jspecify.annotations.NullMarked;
