// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.ht;

import dev.latchkey.credential.Bytes;
import dev.latchkey.sasl.ChannelBindingType;
import dev.latchkey.sasl.ConnectionFacts;
import dev.latchkey.sasl.HmacHash;
import dev.latchkey.sasl.MechanismName;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// The HT mechanisms that Latchkey speaks; the strongest stands first.
public enum HtVariant {
  HT_SHA_512_EXPR(HmacHash.SHA_512, "EXPR", Optional.of(ChannelBindingType.TLS_EXPORTER)),
  HT_SHA_256_EXPR(HmacHash.SHA_256, "EXPR", Optional.of(ChannelBindingType.TLS_EXPORTER)),
  HT_SHA_512_UNIQ(HmacHash.SHA_512, "UNIQ", Optional.of(ChannelBindingType.TLS_UNIQUE)),
  HT_SHA_256_UNIQ(HmacHash.SHA_256, "UNIQ", Optional.of(ChannelBindingType.TLS_UNIQUE)),
  HT_SHA_512_ENDP(HmacHash.SHA_512, "ENDP", Optional.of(ChannelBindingType.TLS_SERVER_END_POINT)),
  HT_SHA_256_ENDP(HmacHash.SHA_256, "ENDP", Optional.of(ChannelBindingType.TLS_SERVER_END_POINT)),
  HT_SHA_512_NONE(HmacHash.SHA_512, "NONE", Optional.empty()),
  HT_SHA_256_NONE(HmacHash.SHA_256, "NONE", Optional.empty());

  /// All of them in the order in which a client should prefer them.
  public static final List<HtVariant> BY_PREFERENCE = List.of(values());

  private final HmacHash hash;
  private final Optional<ChannelBindingType> binding;
  private final MechanismName mechanism;

  HtVariant(HmacHash hash, String suffix, Optional<ChannelBindingType> binding) {
    this.hash = hash;
    this.binding = binding;
    this.mechanism = new MechanismName("HT-" + hash.word() + "-" + suffix);
  }

  /// Its hash.
  public HmacHash hash() {
    return hash;
  }

  /// What it binds to; nothing for the -NONE ones.
  public Optional<ChannelBindingType> binding() {
    return binding;
  }

  /// The name on the wire.
  public MechanismName mechanism() {
    return mechanism;
  }

  /// The variant with this name.
  public static Optional<HtVariant> of(MechanismName name) {
    return Arrays.stream(values()).filter(variant -> variant.mechanism.equals(name)).findAny();
  }

  /// cb-data on a connection: no octets for the -NONE ones.
  ///
  /// @return nothing if the connection lacks this binding, which is never taken for an empty one
  Optional<Bytes> bindingData(ConnectionFacts facts) {
    return binding.isEmpty()
        ? Optional.of(Bytes.EMPTY)
        : Optional.ofNullable(facts.channelBindings().get(binding.get()));
  }
}
