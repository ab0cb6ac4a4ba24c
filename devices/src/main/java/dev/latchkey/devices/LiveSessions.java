// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.DeviceId;
import dev.latchkey.credential.Resource;
import java.util.List;
import java.util.Optional;

/// The connections that stand now, those still signing in too. Thread-safe.
public interface LiveSessions {
  /// Ends every connection of these devices, and remembers their generations, so that a sign-in in
  /// flight that is registered later ends too (rule 39). Called after the commit; returns when all
  /// of them are dead, that is, when no stanza of theirs is handled any more. A session that asks
  /// for its own end while it handles a stanza ends when that is answered.
  ///
  /// @param account whose
  /// @param devices which, with the generation they have now
  void end(AccountId account, List<RevokedDevice> devices);

  /// Ends every connection of an account that was disabled. Called after the commit; returns when
  /// all of them are dead. Nothing is remembered: a sign-in in flight reads its account after it is
  /// registered, so that one of both finds the other.
  void endAll(AccountId account);

  /// Whether the device has a connection that may send and receive.
  boolean isConnected(DeviceId device);

  /// Which device has this resource bound now; dead connections count until they are gone.
  Optional<DeviceId> holderOf(AccountId account, Resource resource);
}
