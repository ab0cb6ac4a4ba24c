// SPDX-License-Identifier: Apache-2.0
/// The databases behind the stores' doors, and the only SQL.
///
/// [dev.latchkey.store.JdbcCredentialStore] answers `dev.latchkey.credential.CredentialStore` over
/// SQLite, and what hangs on accounts (messages) lies in the same database. Native database calls
/// would pin the carrier of a virtual thread, so one platform thread writes (whatever waits shares
/// one flush) and a few read; callers wait for the result. What must stay dead when an old copy of
/// the database comes back also stands in a log beside it (rule 40).
///
/// Decisions are not made here: what may be done is decided by the use cases on a snapshot, and
/// only preconditions are checked.
@NullMarked
package dev.latchkey.store;

import org.jspecify.annotations.NullMarked;
