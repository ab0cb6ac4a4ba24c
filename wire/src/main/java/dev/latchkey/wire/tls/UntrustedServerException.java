// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.wire.tls;

import java.security.cert.CertificateException;

/// The server's certificate is not to be believed. The message is for people: it says why, and
/// which pins the server's chain has, so that whoever knows that it is the right server can pin it.
public final class UntrustedServerException extends CertificateException {
  private static final long serialVersionUID = 1L;

  UntrustedServerException(String message, Throwable cause) {
    super(message, cause);
  }
}
