// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.credential;

import com.google.errorprone.annotations.Immutable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Octets that let somebody in. They are shown only to who asks for them by [#reveal]; texts, logs
/// and exceptions get `[secret]`.
@Immutable
@SuppressWarnings("Immutable") // what is opened late is the same whenever it is opened
public final class Secret {
  private final Supplier<Bytes> octets;

  private Secret(Supplier<Bytes> octets) {
    this.octets = octets;
  }

  /// Keeps the given octets from view.
  public static Secret of(Bytes octets) {
    return new Secret(() -> octets);
  }

  /// What is sealed, opened each time it is asked for and not before: an account is read with
  /// everything that it has, and a sign-in needs one thing of it. Nothing that is opened is kept,
  /// so whether somebody has asked before shows neither in memory nor in what it costs.
  ///
  /// @param sealed what the sealer gave
  /// @param context the place it was sealed for
  public static Secret sealed(Sealer sealer, Bytes sealed, Bytes context) {
    return new Secret(() -> sealer.open(sealed, context).reveal());
  }

  /// Keeps the UTF-8 form of a text from view.
  public static Secret ofText(String text) {
    return of(Bytes.utf8(text));
  }

  /// The octets themselves. SECURITY: whoever calls this answers for where they go.
  ///
  /// @throws SealException if they are sealed and do not open
  public Bytes reveal() {
    return octets.get();
  }

  /// The octets as text.
  ///
  /// @throws IllegalStateException if they are not UTF-8
  public String revealText() {
    return reveal().toUtf8().orElseThrow(() -> new IllegalStateException("this secret is no text"));
  }

  /// Constant-time for secrets of one length.
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Secret that && reveal().equals(that.reveal());
  }

  @Override
  public int hashCode() {
    return 0; // a hash of a secret is a hint at it
  }

  @Override
  public String toString() {
    return "[secret]";
  }
}
