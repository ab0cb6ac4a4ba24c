// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.wire.socket;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/// Where connections of one stranger come from, as far as he can be told from others: an address,
/// or of IPv6 its /64, which a subscriber has as a whole.
///
/// @param network the address, or the first one of its /64
public record Source(InetAddress network) {
  /// That of a peer.
  public static Source of(InetSocketAddress peer) {
    InetAddress address = peer.getAddress();
    if (!(address instanceof Inet6Address)) {
      return new Source(address);
    }
    byte[] network = address.getAddress();
    Arrays.fill(network, 8, 16, (byte) 0);
    try {
      return new Source(InetAddress.getByAddress(network));
    } catch (UnknownHostException wrongLength) {
      throw new IllegalStateException("sixteen octets are an IPv6 address", wrongLength);
    }
  }
}
