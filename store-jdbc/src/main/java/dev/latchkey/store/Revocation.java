// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.DeviceId;
import dev.latchkey.credential.Withdrawal;

/// One line of the revocation log (rule 40), as the database and the file beside it hold it.
///
/// @param seq its number, from 1 on without gaps
/// @param what what is dead
record Revocation(long seq, Withdrawal what) {
  static Revocation of(long seq, String kind, String ref, long generation) {
    return new Revocation(
        seq,
        switch (kind) {
          case "device" -> new Withdrawal.OfDevice(new DeviceId(ref), generation);
          case "code" -> new Withdrawal.OfCode(new CredentialId(ref));
          case "account" -> new Withdrawal.OfAccount(new AccountId(ref));
          case "certificate" -> new Withdrawal.OfCertificate(Bytes.hex(ref));
          default ->
              throw new IllegalArgumentException("nothing of kind " + kind + " is withdrawn");
        });
  }

  String kind() {
    return switch (what) {
      case Withdrawal.OfDevice _ -> "device";
      case Withdrawal.OfCode _ -> "code";
      case Withdrawal.OfAccount _ -> "account";
      case Withdrawal.OfCertificate _ -> "certificate";
    };
  }

  String ref() {
    return switch (what) {
      case Withdrawal.OfDevice(DeviceId device, long _) -> device.value();
      case Withdrawal.OfCode(CredentialId code) -> code.value();
      case Withdrawal.OfAccount(AccountId account) -> account.value();
      case Withdrawal.OfCertificate(Bytes fingerprint) -> fingerprint.toHex();
    };
  }

  long generation() {
    return what instanceof Withdrawal.OfDevice(DeviceId _, long generation) ? generation : 0;
  }
}
