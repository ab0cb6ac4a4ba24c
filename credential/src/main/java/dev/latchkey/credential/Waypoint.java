// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.credential;

/// A named point between a peer's message and its answer, where a crash or a race would hurt most.
public enum Waypoint {
  /// A one-time code was proven; nothing is spent.
  CODE_PROVEN("code-proven"),
  /// A redemption is decided but not committed.
  BEFORE_REDEMPTION("before-redemption"),
  /// A redemption is committed; the peer does not know yet.
  REDEEMED("redeemed"),
  /// The peer was told of its redemption.
  ANSWERED("answered"),
  /// A device's credential was proven; its session is not yet registered.
  PROVEN("proven"),
  /// The session is registered under its device and generation.
  REGISTERED("registered"),
  /// All that a sign-in changes is committed; success is not yet sent.
  BEFORE_SUCCESS("before-success"),
  /// A revocation is decided but not committed.
  BEFORE_REVOCATION("before-revocation"),
  /// A revocation is committed; its connections still stand.
  REVOKED("revoked"),
  /// A new master key is in the key file; nothing is sealed with it yet.
  MASTER_KEY_ADDED("master-key-added"),
  /// Some values are sealed anew with the new master key.
  RESEALED("resealed"),
  /// Nothing needs the old master key; what it has sealed is still in unused room of the database.
  ALL_RESEALED("all-resealed"),
  /// The old master key opens nothing of the database's files; it is still in the key file.
  BEFORE_MASTER_KEY_REMOVAL("before-master-key-removal"),
  /// A copy of a backup is as it shall be; the database is untouched.
  BACKUP_CHECKED("backup-checked"),
  /// The database is kept under another name too; the copy will take its place.
  BEFORE_BACKUP_IN_PLACE("before-backup-in-place"),
  /// The copy is the database; the revocation log does not know yet what died in it.
  BACKUP_IN_PLACE("backup-in-place");

  private final String word;

  Waypoint(String word) {
    this.word = word;
  }

  /// The word by which a test names it.
  public String word() {
    return word;
  }
}
