// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl;

import java.util.Arrays;
import java.util.Optional;

/// Ways to tie a proof to the TLS connection (RFC 5929, RFC 9266).
public enum ChannelBindingType {
  TLS_EXPORTER("tls-exporter"),
  TLS_SERVER_END_POINT("tls-server-end-point"),
  /// TLS 1.2 and older only, and only where the provider tells.
  TLS_UNIQUE("tls-unique");

  private final String word;

  ChannelBindingType(String word) {
    this.word = word;
  }

  /// The name in the gs2 header and in XEP-0440's list.
  public String word() {
    return word;
  }

  /// The type with this name.
  public static Optional<ChannelBindingType> of(String word) {
    return Arrays.stream(values()).filter(type -> type.word.equals(word)).findAny();
  }
}
