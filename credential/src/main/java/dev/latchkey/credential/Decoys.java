// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.credential;

import java.util.function.Supplier;

/// Secrets of nobody's. Where somebody's secret would be unsealed and tried, one of these is in its
/// place if there is none: so to try what an unknown account has costs what it costs to try what a
/// known one has (rule 15). Thread-safe.
public final class Decoys {
  /// How many octets one has: enough for every key that is tried.
  public static final int LENGTH = 64;

  private static final Secret PLAIN = Secret.of(Bytes.of(new byte[LENGTH]));

  /// Beside secrets that are not sealed.
  public static final Decoys UNSEALED = new Decoys(() -> PLAIN);

  private final Supplier<Secret> drawn;

  private Decoys(Supplier<Secret> drawn) {
    this.drawn = drawn;
  }

  /// Beside secrets that are sealed: each is unsealed anew when it is revealed.
  public static Decoys sealedBy(Sealer sealer) {
    Bytes context = Bytes.utf8("decoy");
    Bytes sealed = sealer.seal(PLAIN, context);
    return new Decoys(() -> Secret.sealed(sealer, sealed, context));
  }

  /// The next one: [#LENGTH] octets.
  public Secret next() {
    return drawn.get();
  }
}
