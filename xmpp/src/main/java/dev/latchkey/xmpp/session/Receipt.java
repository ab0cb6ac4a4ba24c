// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.session;

import dev.latchkey.chat.history.KeptId;
import java.util.Optional;

/// What the backend must know of a message again when the client has acknowledged it, or never
/// will.
///
/// @param archived under what id the account's archive holds it
/// @param waiting under what id it waits in the offline store until it is acknowledged
/// @param alone whether nobody else of the account was handed it
public record Receipt(Optional<KeptId> archived, Optional<KeptId> waiting, boolean alone) {
  /// Of a message that waits until it is acknowledged, whoever else has it.
  public static Receipt waiting(KeptId id) {
    return new Receipt(Optional.empty(), Optional.of(id), false);
  }
}
