// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl;

/// A mechanism of one message that tries what is remembered of the accounts before it reads them,
/// so that who comes back with a good credential waits for no disk.
///
/// SECURITY: what is remembered shows in the time that an answer takes, so it only ever lets in.
/// Whoever is refused was tried twice, the second time on what was read then, whether his account
/// was remembered, forgotten or never there.
///
/// Thread-safe if both are.
public final class RememberingMechanism implements SaslMechanism {
  private final SaslMechanism remembered;
  private final SaslMechanism read;

  /// @param remembered over the accounts that are known without waiting
  /// @param read the same mechanism over all accounts
  /// @throws IllegalArgumentException if they are not the same
  public RememberingMechanism(SaslMechanism remembered, SaslMechanism read) {
    if (!remembered.name().equals(read.name())) {
      throw new IllegalArgumentException(remembered.name() + " is not " + read.name());
    }
    this.remembered = remembered;
    this.read = read;
  }

  @Override
  public MechanismName name() {
    return read.name();
  }

  @Override
  public boolean usableOn(ConnectionKind connection) {
    return read.usableOn(connection);
  }

  @Override
  public SaslExchange begin(SignInRequest request) {
    SaslExchange quick = remembered.begin(request);
    return message -> {
      SaslStep step = quick.next(message);
      return step instanceof SaslStep.Failure && message.isPresent()
          ? read.begin(request).next(message)
          : step;
    };
  }
}
