// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.manage;

import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Secret;
import dev.latchkey.devices.IssuedCode;

/// Makes the URI that a client scans. Thread-safe.
@FunctionalInterface
public interface InvitationUri {
  /// `xmpp:LOCAL@DOMAIN?login;token=…`, with what a client needs to find and to trust this server.
  Secret of(AccountJid account, IssuedCode code);
}
