// SPDX-License-Identifier: Apache-2.0
/// The device protocols of a session: sign, issue, list, revoke, client keys, X-TOKENs. Each is a
/// thin [dev.latchkey.xmpp.session.IqService] over a use case of `devices`.
@NullMarked
package dev.latchkey.xmpp.manage;

import org.jspecify.annotations.NullMarked;
