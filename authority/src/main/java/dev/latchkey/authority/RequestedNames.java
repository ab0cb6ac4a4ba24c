// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.authority;

import java.util.List;

/// What a request asks to be called; none of it is ever copied into a certificate.
///
/// @param xmppAddresses the xmppAddr otherNames in its extension request, as they came
/// @param commonNames the CNs of its subject, as they came
/// @param others how many other names it asks for, those of the subject included
/// @param asAuthority whether it asks to be an authority itself
public record RequestedNames(
    List<String> xmppAddresses, List<String> commonNames, int others, boolean asAuthority) {
  /// Copies.
  public RequestedNames {
    xmppAddresses = List.copyOf(xmppAddresses);
    commonNames = List.copyOf(commonNames);
  }
}
