// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.scram;

import dev.latchkey.credential.ScramHash;
import dev.latchkey.sasl.MechanismName;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// The four SCRAM mechanisms that Latchkey speaks; the strongest stands first.
public enum ScramVariant {
  SCRAM_SHA_256_PLUS(ScramHash.SHA_256, true),
  SCRAM_SHA_256(ScramHash.SHA_256, false),
  SCRAM_SHA_1_PLUS(ScramHash.SHA_1, true),
  SCRAM_SHA_1(ScramHash.SHA_1, false);

  /// All of them in the order in which a client should prefer them.
  public static final List<ScramVariant> BY_PREFERENCE = List.of(values());

  /// The names of those that bind to the channel.
  public static final List<MechanismName> BINDING =
      BY_PREFERENCE.stream()
          .filter(ScramVariant::bindsToChannel)
          .map(ScramVariant::mechanism)
          .toList();

  private final ScramHash hash;
  private final boolean bindsToChannel;
  private final MechanismName mechanism;

  ScramVariant(ScramHash hash, boolean bindsToChannel) {
    this.hash = hash;
    this.bindsToChannel = bindsToChannel;
    this.mechanism = new MechanismName("SCRAM-" + hash.word() + (bindsToChannel ? "-PLUS" : ""));
  }

  /// Its hash.
  public ScramHash hash() {
    return hash;
  }

  /// Whether it is a -PLUS one: its proof covers the TLS connection.
  public boolean bindsToChannel() {
    return bindsToChannel;
  }

  /// The name on the wire.
  public MechanismName mechanism() {
    return mechanism;
  }

  /// The variant with this name.
  public static Optional<ScramVariant> of(MechanismName name) {
    return Arrays.stream(values()).filter(variant -> variant.mechanism.equals(name)).findAny();
  }
}
