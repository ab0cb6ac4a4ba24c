// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.clientkey;

import dev.latchkey.sasl.MechanismName;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// The two CLIENT-KEY mechanisms; the stronger stands first.
public enum ClientKeyVariant {
  CLIENT_KEY_PLUS("CLIENT-KEY-PLUS", true),
  CLIENT_KEY("CLIENT-KEY", false);

  /// Both in the order in which a client should prefer them.
  public static final List<ClientKeyVariant> BY_PREFERENCE = List.of(values());

  /// The names of those that bind to the channel.
  public static final List<MechanismName> BINDING =
      BY_PREFERENCE.stream()
          .filter(ClientKeyVariant::bindsToChannel)
          .map(ClientKeyVariant::mechanism)
          .toList();

  private final MechanismName mechanism;
  private final boolean bindsToChannel;

  ClientKeyVariant(String name, boolean bindsToChannel) {
    this.mechanism = new MechanismName(name);
    this.bindsToChannel = bindsToChannel;
  }

  /// The name on the wire.
  public MechanismName mechanism() {
    return mechanism;
  }

  /// Whether its proof covers the TLS connection.
  public boolean bindsToChannel() {
    return bindsToChannel;
  }

  /// The variant with this name.
  public static Optional<ClientKeyVariant> of(MechanismName name) {
    return Arrays.stream(values()).filter(variant -> variant.mechanism.equals(name)).findAny();
  }
}
