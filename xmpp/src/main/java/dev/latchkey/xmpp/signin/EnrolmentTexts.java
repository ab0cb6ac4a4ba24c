// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.signin;

/// What people read when a code meets a client that cannot use it.
final class EnrolmentTexts {
  /// Rule 18: say it, and say what else there is.
  static final String REQUIRED =
      "This one-time code enrols a device: use a client that can have its key signed or shows a "
          + "certificate. For any other client ask for a device password.";

  private EnrolmentTexts() {}
}
