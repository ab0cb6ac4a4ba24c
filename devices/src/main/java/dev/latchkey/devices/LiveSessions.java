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

  /// Ends every connection within a scope, and remembers that what was read of the account before a
  /// version is out of date there: a sign-in in flight that decides on such a reading and is
  /// registered later ends too (rule 39). Whoever reads the account later sees whether it may sign
  /// in again, so nothing needs to be forgotten. Called after the commit; returns as [#end] does.
  ///
  /// @param account whose
  /// @param scope which of its connections
  /// @param version the first version of the account that shows what was done to it
  void endStale(AccountId account, SessionScope scope, long version);

  /// Whether the device has a connection that may send and receive.
  boolean isConnected(DeviceId device);

  /// Which device has this resource bound now; dead connections count until they are gone.
  Optional<DeviceId> holderOf(AccountId account, Resource resource);
}
