// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.protocol;

import dev.latchkey.authority.RequestFault;
import dev.latchkey.chat.stanza.StanzaError;

/// The stanza errors of 30.B.
public final class EnrolmentErrors {
  private EnrolmentErrors() {}

  /// What the requester of a signature hears.
  public static StanzaError of(RequestFault fault) {
    StanzaError condition =
        switch (fault) {
          case MALFORMED -> StanzaError.BAD_REQUEST;
          case BAD_SIGNATURE, WEAK_KEY, UNSUPPORTED_KEY, BAD_NAME, NOT_LINKED ->
              StanzaError.NOT_ACCEPTABLE;
          case KEY_IN_USE, RESOURCE_IN_USE -> StanzaError.CONFLICT;
          case QUOTA -> StanzaError.RESOURCE_CONSTRAINT;
          case FORBIDDEN -> StanzaError.FORBIDDEN;
        };
    return condition.with(EnrolmentElements.reason(fault));
  }
}
