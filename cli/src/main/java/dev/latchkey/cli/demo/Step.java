// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.demo;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/// What the demo shows, in order.
public enum Step {
  SERVE("a server starts"),
  INVITE("the operator invites an account"),
  ENROL("the first device enrols by its code"),
  ADD("it makes a code for a second one"),
  ENROL_SECOND("the second device enrols"),
  SIGN_IN("both sign in with their own certificates"),
  MESSAGES("they exchange messages"),
  RESUME("a device loses its connection, misses a message and gets it once"),
  REVOKE("the first revokes the second, whose stream closes"),
  USED_CODE("the used code is refused"),
  FOREIGN_NAME("a request that names somebody else is refused"),
  FOREIGN_CERTIFICATE("a certificate of another authority is refused"),
  REVOKED_CERTIFICATE("the revoked certificate is refused"),
  FAST("a FAST device signs in in one round trip"),
  REPLAY("a replay is refused"),
  CLIENT_KEY("a CLIENT-KEY device signs in in one round trip"),
  CLONE("a clone is detected");

  private final String title;

  Step(String title) {
    this.title = title;
  }

  /// What it shows, in a line.
  public String title() {
    return title;
  }

  /// Its name at the command line.
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /// The step with this name.
  public static Optional<Step> of(String word) {
    return Arrays.stream(values()).filter(step -> step.word().equals(word)).findAny();
  }
}
