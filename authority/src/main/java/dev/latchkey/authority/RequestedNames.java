// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.authority;

import java.util.List;

/// The names that a request asks for; none of them is ever copied into a certificate.
///
/// @param xmppAddresses the xmppAddr otherNames in its extension request, as they came
/// @param others how many other names it asks for, the subject's included
public record RequestedNames(List<String> xmppAddresses, int others) {
  /// Copies.
  public RequestedNames {
    xmppAddresses = List.copyOf(xmppAddresses);
  }
}
