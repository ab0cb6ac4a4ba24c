// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.credential;

/// A text is no XMPP address. The message names the part and the rule, never the text.
public final class InvalidJidException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  InvalidJidException(String message) {
    super(message);
  }
}
