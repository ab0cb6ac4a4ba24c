// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.credential;

import com.google.errorprone.annotations.Immutable;

/// Octets that let somebody in. They are shown only to who asks for them by [#reveal]; texts, logs
/// and exceptions get `[secret]`.
@Immutable
public final class Secret {
  private final Bytes octets;

  private Secret(Bytes octets) {
    this.octets = octets;
  }

  /// Keeps the given octets from view.
  public static Secret of(Bytes octets) {
    return new Secret(octets);
  }

  /// Keeps the UTF-8 form of a text from view.
  public static Secret ofText(String text) {
    return new Secret(Bytes.utf8(text));
  }

  /// The octets themselves. SECURITY: whoever calls this answers for where they go.
  public Bytes reveal() {
    return octets;
  }

  /// The octets as text.
  ///
  /// @throws IllegalStateException if they are not UTF-8
  public String revealText() {
    return octets.toUtf8().orElseThrow(() -> new IllegalStateException("this secret is no text"));
  }

  /// Constant-time for secrets of one length.
  @Override
  public boolean equals(@org.jspecify.annotations.Nullable Object other) {
    return other instanceof Secret that && octets.equals(that.octets);
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
